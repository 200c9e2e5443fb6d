create table orders (id int primary key, state text not null, version int not null);

-- What happened to an order, as the log tells it. A row is written and removed by the same transaction: the log keeps it for
-- ever, the table stays empty. Its key is the order's, so that all events of an order lie in one partition, in order.
create table outbox (order_id int primary key, version int not null, type text not null, data jsonb not null);

create function happened(the_order int, type text, data jsonb) returns void language sql as $$
  insert into outbox select id, version, happened.type, happened.data from orders where id = the_order;
  delete from outbox where order_id = the_order;
$$;
