set datestyle to 'ISO, MDY'; set intervalstyle to 'postgres'; set timezone to 'UTC';
create extension hstore; create extension ltree; create extension citext;
create type mood as enum ('sad', 'ok', 'very "happy"', 'с');
create domain posint as int check (value > 0);
create domain posint2 as posint;
create domain money92 as numeric(9,2);
create domain shorttext as varchar(5);
-- no domain over an enum type: Debezium 3.6.1 does not start when the database has one
create type pair as (a int, b text);
create domain intarr as int[];

create table t_int (id int primary key, i2 smallint, i4 int, i8 bigint, b bool, o oid, ss smallserial, s serial, bs bigserial, nn2 smallint not null, nn4 int not null, nn8 bigint not null, nnb bool not null);
insert into t_int values
 (1, 1, 1, 1, true, 1, 1, 1, 1, 1, 1, 1, true),
 (2, -32768, -2147483648, -9223372036854775808, false, 0, 2, 2, 2, -32768, -2147483648, -9223372036854775808, false),
 (3, 32767, 2147483647, 9223372036854775807, true, 4294967295, 3, 3, 3, 32767, 2147483647, 9223372036854775807, true),
 (4, null, null, null, null, null, 4, 4, 4, 0, 0, 9007199254740993, false);

create table t_numeric (id int primary key, n numeric, n5_2 numeric(5,2), n38_0 numeric(38,0), n18_0 numeric(18,0), n38_10 numeric(38,10), n3_m2 numeric(3,-2), n3_5 numeric(3,5), nn numeric(10,4) not null, nvar numeric not null, d decimal(6,3), d0 decimal(4));
insert into t_numeric values
 (1, 1, 1.1, 1, 1, 1.0000000001, 12300, 0.00123, 1, 1, 1.5, 9999),
 (2, -1.50, -999.99, -99999999999999999999999999999999999999, -999999999999999999, -1234567890123456789012345678.0123456789, -99900, -0.00999, -1.5, -0.001, -123.456, -1),
 (3, 0, 0, 0, 0, 0, 0, 0, 0, 0.000, 0, 0),
 (4, 123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890.123456789012345678901234567890123456789012345678901234567890123456789012345678901, 999.99, 99999999999999999999999999999999999999, 999999999999999999, 1234567890123456789012345678.0123456789, 99900, 0.00999, 999999.9999, 1e-30, 999.999, -9999),
 (5, 1e40, null, null, null, null, null, null, 12.3456, 1e20, null, null),
 (6, 127, 1.27, 128, 255, 256, -100, 0.00001, 0.0001, 100.00, 0.1, 128),
 (7, 1.10, 327.67, 32768, -32769, -128, 100, -0.00001, -0.0128, -32768, 0.255, -129);

-- NaN/Infinity in a NOT NULL numeric stops the engine in the precise mode, so these columns are nullable
create table t_numeric_special (id int primary key, n numeric, n5_2 numeric(5,2));
insert into t_numeric_special values (1, 'NaN', 'NaN'), (2, 'Infinity', null), (3, '-Infinity', 1), (4, null, null);

create table t_float (id int primary key, r real, d double precision, f24 float(24), f25 float(25), rn real not null, dn float8 not null);
insert into t_float values
 (1, 1, 1, 1, 1, 1, 1), (2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1), (3, -0.0, -0.0, -0.0, -0.0, 0, 0),
 (4, 3.4028235e38, 1.7976931348623157e308, 1.17549435e-38, 2.2250738585072014e-308, -3.4028235e38, -1.7976931348623157e308),
 (5, 1.4e-45, 4.9e-324, 1e7, 1e16, 16777216, 123456789.123456789),
 (6, 'NaN', 'NaN', 'NaN', 'NaN', 'NaN', 'NaN'), (7, 'Infinity', 'Infinity', '-Infinity', '-Infinity', 'Infinity', '-Infinity'),
 (8, null, null, null, null, 1e-3, 1e-3), (9, 1e6, 1e7, 9999999, 1e15, 1234567.9, 1e22), (10, 3.14159274, 3.141592653589793, 100, 1e21, 0.001, 0.0001), (11, 2.0000001, 2.0000000000000004, 1.0e10, 1.0e-5, 33554430, 9007199254740993);

create table t_money (id int primary key, m money, mn money not null);
insert into t_money values (1, 1.5, 0), (2, '-92233720368547758.08', '-0.01'), (3, '92233720368547758.07', 1234567.89), (4, null, 10);

create table t_text (id int primary key, c char, c5 char(5), v varchar, v5 varchar(5), t text, ci citext, n name, bc "char", u uuid, x xml, cn char(3) not null, tn text not null, bp bpchar);
insert into t_text values
 (1, 'a', 'ab', 'varchar', 'vc5', 'text', 'CiText', 'name', 'c', '00000000-0000-0000-0000-000000000000', '<a b="c">d</a>', 'x', 'y', 'bp  '),
 (2, '', '', '', '', '', '', '', '', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '<?xml version="1.0"?><r/>', '', '', ''),
 (3, 'é', 'ключ ', E'\t\n\r\b\f\x01"\\/', '漢字', E'emoji \U0001F600 \u2028 \u2029 \u00ff', 'ÉÀ', 'ñ', E'\\', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'text only', 'é', 'ß', 'x'),
 (4, null, null, null, null, null, null, null, null, null, null, 'nul', 'null', null);

create table t_bytes (id int primary key, b bytea, bn bytea not null, b1 bit, bt8 bit(8), b12 bit(12), b64 bit(64), vb varbit, vb4 varbit(4), vb70 varbit(70), b1n bit(1) not null);
insert into t_bytes values
 (1, '\x00', '\x', B'1', B'10101010', B'100000000001', B'1000000000000000000000000000000000000000000000000000000000000001', B'101', B'1', B'1', B'0'),
 (2, '\x', '\xdeadbeef', B'0', B'00000001', B'000000000001', B'0000000000000000000000000000000000000000000000000000000000000000', B'', B'', B'1111111111111111111111111111111111111111111111111111111111111111111111', B'1'),
 (3, '\x000102fdfeff', '\xff', B'1', B'11111111', B'111111111111', B'0111111111111111111111111111111111111111111111111111111111111111', B'1000000000000000000000000', B'1111', B'1000000000000000000000000000000000000000000000000000000000000000000001', B'1'),
 (4, null, '\x7f80', null, null, null, null, null, null, null, B'0');

create table t_date (id int primary key, d date, t time, t0 time(0), t3 time(3), t4 time(4), t6 time(6), tz timetz, tz0 timetz(0), tz3 timetz(3), dn date not null, tn time not null, tzn timetz not null);
insert into t_date values
 (1, '2024-02-29', '13:14:15.123456', '13:14:15', '13:14:15.123', '13:14:15.1234', '13:14:15.123456', '13:14:15.123456+02', '13:14:15+02', '13:14:15.123-05:30', '1970-01-01', '00:00:00', '00:00:00+00'),
 (2, '1970-01-01', '00:00:00', '00:00:00', '00:00:00', '00:00:00', '00:00:00', '00:00:00+00', '23:59:59+14', '00:00:00-12', '1969-12-31', '23:59:59.999999', '23:59:59.999999-12'),
 (3, '0001-01-01', '23:59:59.999999', '23:59:59', '23:59:59.999', '23:59:59.9999', '23:59:59.999999', '23:59:59.999999-08', '01:00:00+00', '10:00:00.5+05:45', '9999-12-31', '12:00:00.1', '12:00:00.1+01'),
 (4, null, null, null, null, null, null, null, null, null, '2000-01-01', '01:02:03.000004', '01:02:03.000004+00'),
 (5, '1582-10-14', '00:00:00.001', '00:00:01', '00:00:00.001', '00:00:00.0001', '00:00:00.000001', '00:00:00.000001+00', '12:00:00-03', '12:00:00.001+00', '1582-10-15', '00:00:00.000001', '23:00:00-04');

create table t_ts (id int primary key, ts timestamp, ts0 timestamp(0), ts1 timestamp(1), ts3 timestamp(3), ts4 timestamp(4), ts6 timestamp(6), tz timestamptz, tz0 timestamptz(0), tz3 timestamptz(3), tz6 timestamptz(6), tsn timestamp not null, tzn timestamptz not null);
insert into t_ts values
 (1, '2024-02-29 13:14:15.123456', '2024-02-29 13:14:15', '2024-02-29 13:14:15.1', '2024-02-29 13:14:15.123', '2024-02-29 13:14:15.1234', '2024-02-29 13:14:15.123456', '2024-02-29 13:14:15.123456+02', '2024-02-29 13:14:15-05', '2024-02-29 13:14:15.123+05:30', '2024-02-29 13:14:15.123456+00', '1970-01-01', '1970-01-01 00:00:00+00'),
 (2, '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59', '1969-12-31 23:59:59.9', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.9999', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999+00', '1969-12-31 23:59:59+00', '1969-12-31 23:59:59.999+00', '1969-12-31 23:59:59.999999+00', '0001-01-01', '0001-01-01 00:00:00+00'),
 (3, '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59', '1900-01-01', '1582-10-15 00:00:00', '1582-10-14 00:00:00', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999+00', '1900-01-01 00:00:00+00', '1582-10-15 00:00:00+00', '1582-10-14 00:00:00+00', '2262-04-11 23:47:16.854775', '2262-04-11 23:47:16.854775+00'),
 (4, null, null, null, null, null, null, null, null, null, null, '2000-01-01 00:00:00.5', '2000-01-01 00:00:00.5+00'),
 (5, '2024-06-30 12:00:00.1', '2024-06-30 12:00:00', '2024-06-30 12:00:00', '2024-06-30 12:00:00.01', '2024-06-30 12:00:00.01', '2024-06-30 12:00:00.01', '2024-06-30 12:00:00.1+00', '2024-06-30 12:00:00+00', '2024-06-30 12:00:00.01+00', '2024-06-30 12:00:00.01+00', '2263-01-01', '2263-01-01 00:00:00+00'),
 (6, '1677-09-21 00:12:43', '1677-09-22 00:12:44', null, null, null, null, '1677-09-21 00:12:43+00', null, null, null, '1600-01-01', '1600-01-01+00');

create table t_time_special (id int primary key, what text, d date, t time, tz timetz, ts timestamp, tz6 timestamptz);
insert into t_time_special values (1, '24:00', null, '24:00:00', '24:00:00+00', null, null), (2, 'infinity', 'infinity', null, null, 'infinity', 'infinity'), (3, '-infinity', '-infinity', null, null, '-infinity', '-infinity'),
 (4, 'BC', '0044-03-15 BC', null, null, '0044-03-15 12:00:00.5 BC', '0044-03-15 12:00:00.5+00 BC'), (5, 'year 0 = 1 BC', '0001-12-31 BC', null, null, '0001-12-31 23:59:59 BC', '0001-12-31 23:59:59+00 BC'),
 (6, '5 digits', '12345-06-07', null, null, '12345-06-07 08:09:10.123456', '12345-06-07 08:09:10.123456+00'), (7, '24:00 with zone', null, '24:00:00', '24:00:00-08', null, null), (8, 'largest', '5874897-12-31', null, null, '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00'), (9, 'smallest', '4713-01-01 BC', null, null, '4713-01-01 00:00:00 BC', '4713-01-01 00:00:00+00 BC');

create table t_interval (id int primary key, i interval, i0 interval(0), i3 interval(3), iy interval year, iym interval year to month, ids interval day to second(3), inn interval not null);
insert into t_interval values
 (1, '1 year 2 months 3 days 4 hours 5 minutes 6.789012 seconds', '6.5 seconds', '6.7894 seconds', '3 years', '3 years 4 months', '5 days 06:07:08.123', '0'),
 (2, '-1 year -2 months -3 days -4 hours -5 minutes -6.789012 seconds', '-6.5 seconds', '-0.001 seconds', '-3 years', '-14 months', '-5 days -06:07:08.123', '1 mon -1 day 1 second'),
 (3, '100 years', '1 day', '24:00:00', '0', '1 month', '1000:00:00', '0.000001 seconds'),
 (4, null, null, null, null, null, null, '178000000 years'),
 (5, '1 month', '30 days', '720:00:00', '12 months', '-1 month', '-1 second', '-178000000 years');

create table t_json (id int primary key, j json, jb jsonb, jn json not null, jbn jsonb not null);
insert into t_json values
 (1, '{"b": 1,  "a": [1, 2.50, null, true], "a": "dup"}', '{"b": 1,  "a": [1, 2.50, null, true], "a": "dup"}', '{}', '{}'),
 (2, 'null', 'null', '[]', '[]'), (3, '"str"', '"str é \u00e9 \n"', '1', '1.000'), (4, null, null, 'true', '12345678901234567890.12345678901234567890'), (5, E'{\n  "x" :\t1\n}', '{"k": {"z": 1, "aa": 2}}', ' 1 ', '"\ud83d\ude00"');

create table t_net (id int primary key, i inet, c cidr, m macaddr, m8 macaddr8, inn inet not null);
insert into t_net values (1, '192.168.1.5', '192.168.0.0/16', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '10.0.0.1/8'), (2, '2001:db8::1', '2001:db8::/32', 'ff-ff-ff-ff-ff-ff', '08002b:0102030405', '::/0'), (3, null, null, null, null, '192.168.1.5/24'), (4, '::ffff:1.2.3.4/128', '10/8', '0800.2b01.0203', '00:00:00:00:00:00:00:00', '0.0.0.0');

create table t_user (id int primary key, e mood, dom posint, dom2 posint2, dm money92, ds shorttext, comp pair, h hstore, lt ltree, lq lquery, ltq ltxtquery, en mood not null, domn posint not null);
insert into t_user values
 (1, 'sad', 1, 2, 3.5, 'abc', row(1, 'x'), 'a=>1, "b c"=>"d \"q\" \\ ,=>", n=>NULL', 'Top.Science.Astronomy', '*.Astro*@|sci.*', 'Europe & Russia*@ & !Transportation', 'ok', 1),
 (2, 'very "happy"', 2147483647, 2147483647, -9999999.99, '', row(null, E'a,"b"\\'), '', '', '*', 'a', 'sad', 5),
 (3, null, null, null, null, null, null, null, null, null, null, 'с', 9);

create table t_range (id int primary key, r4 int4range, r8 int8range, rn numrange, rd daterange, rt tsrange, rtz tstzrange, m4 int4multirange, m8 int8multirange, mn nummultirange, md datemultirange, mt tsmultirange, mtz tstzmultirange, r4n int4range not null);
insert into t_range values
 (1, '[1,5)', '[1,5]', '(1.5,2.5]', '[2024-01-01,2024-01-31]', '[2024-01-01 00:00:00,2024-01-02 12:30:00.5)', '[2024-01-01 00:00:00+02,2024-01-02 12:30:00.123456+00]', '{[1,3), [5,7)}', '{[1,3]}', '{[1.5,2.5],(3,4)}', '{[2024-01-01,2024-01-05)}', '{[2024-01-01 00:00:00,2024-01-02 00:00:00)}', '{[2024-01-01 00:00:00+00,2024-01-02 00:00:00+00)}', '[0,1)'),
 (2, 'empty', '(,5)', '[1,)', '(,)', '[,infinity)', '(-infinity,infinity)', '{}', '{(,)}', '{}', '{}', '{}', '{(,2024-01-01 00:00:00+00)}', 'empty'),
 (3, null, null, null, null, null, null, null, null, null, null, null, null, '(,)');

create table t_geo (id int primary key, p point, l line, ls lseg, b box, pa path, pao path, po polygon, c circle, pn point not null);
insert into t_geo values
 (1, '(1.5,-2.5)', '{1,2,3}', '[(1,2),(3,4)]', '((3,4),(1,2))', '((1,2),(3,4))', '[(1,2),(3,4.5)]', '((1,2),(3,4),(5,6))', '<(1,2),3.5>', '(0,0)'),
 (2, '(1e10,-1e-10)', '{0,-1,0}', '[(0,0),(0,0)]', '((0,0),(0,0))', '((0,0))', '[(0,0)]', '((0,0))', '<(0,0),0>', '(-0.1,1e300)'),
 (3, null, null, null, null, null, null, null, null, '(1,1)'), (4, '(NaN,Infinity)', null, null, null, null, null, null, null, '(123456789,0.001)');

create table t_misc (id int primary key, tv tsvector, tq tsquery, lsn pg_lsn, x xid, x8 xid8, ci cid, ti tid, rc regclass, rt regtype, rp regproc, sn txid_snapshot, psn pg_snapshot, jp jsonpath, iv int2vector, ov oidvector);
insert into t_misc values
 (1, 'a fat cat sat:1A,3B', 'fat & (cat:AB | !dog)', '16/B374D848', '123', '4294967299', '7', '(1,2)', 'pg_class', 'int4', 'now', '10:20:10,14', '10:20:10,14', '$.a[*] ? (@ > 1)', '1 2 3', '10 20'),
 (2, '', '', '0/0', '0', '0', '0', '(0,0)', null, null, null, null, null, '$', '', ''),
 (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

create table t_arr (id int primary key, a2 int2[], a4 int[], a8 bigint[], ab bool[], ar real[], ad float8[], an numeric[], an5 numeric(5,2)[], am money[], at text[], av varchar(10)[], ac char(3)[], aci citext[], anm name[], aby bytea[], au uuid[], aj json[], ajb jsonb[], aen mood[], ao oid[], adom posint[], aa intarr);
insert into t_arr values
 (1, '{1,NULL,-32768}', '{1,2,3}', '{9223372036854775807,-9223372036854775808}', '{t,f,NULL}', '{1.5,NaN,NULL}', '{0.1,Infinity,-Infinity}', '{1,2.50,NULL}', '{1.5,-999.99}', '{1.5,-2}', '{a,"b c",NULL,"NULL","q\"x\\y","{}",""}', '{v1,v2}', '{a,abc}', '{CiT}', '{nm}', '{"\\x00ff",NULL,"\\x"}', '{00000000-0000-0000-0000-000000000001,NULL}', '{"{\"a\": 1}",NULL,"[1, 2]"}', '{"{\"a\": 1}","null"}', '{sad,"very \"happy\"",NULL}', '{1,4294967295}', '{1,2}', '{7,8}'),
 (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
 (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

create table t_arr_time (id int primary key, ad date[], at time[], at3 time(3)[], atz timetz[], ats timestamp[], ats3 timestamp(3)[], attz timestamptz[], ai interval[]);
insert into t_arr_time values
 (1, '{2024-02-29,NULL}', '{13:14:15.123456,NULL}', '{13:14:15.123}', '{13:14:15.123456+02}', '{"2024-02-29 13:14:15.123456",NULL}', '{"2024-02-29 13:14:15.123"}', '{"2024-02-29 13:14:15.123456+02",NULL}', '{"1 day 02:03:04","-1 mons"}'), (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'), (3, null, null, null, null, null, null, null, null);

create table t_arr_other (id int primary key, ainet inet[], acidr cidr[], amac macaddr[], ar4 int4range[], arn numrange[], ard daterange[], artz tstzrange[], abit bit(3)[], avb varbit[], apt point[], ah hstore[], alt ltree[], atv tsvector[], ax xml[], acomp pair[], am4 int4multirange[], albox box[], alsn pg_lsn[]);
insert into t_arr_other values
 (1, '{10.0.0.1,NULL,10.0.0.0/8}', '{10.0.0.0/8}', '{08:00:2b:01:02:03}', '{"[1,5)",NULL,empty}', '{"[1.5,2)"}', '{"[2024-01-01,2024-02-01)"}', '{"[2024-01-01 00:00:00+00,)"}', '{101,NULL}', '{1,1010}', '{"(1,2)",NULL}', array['a=>1'::hstore, null], '{a.b,c}', array['a b'::tsvector], array['<a/>'::xml], array[row(1,'x')::pair], '{"{[1,2)}"}', '{(1,2),(3,4)}', '{0/1}'), (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

create table t_arr_multi (id int primary key, a2d int[][], t2d text[], fixed int[3], lb int[]);
insert into t_arr_multi values (1, '{{1,2},{3,NULL}}', '{{a,b},{"c,d",NULL}}', '{1,2,3}', '[0:2]={5,6,7}'), (2, '{{{1},{2}},{{3},{4}}}', null, '{1}', null), (3, '{1}', '{plain}', null, '{1}');

create table t_full (id int primary key, i int, n numeric(8,3), v text, b bytea, ts timestamp, tz timestamptz, j jsonb, a int[], u uuid, r numrange, iv interval);
alter table t_full replica identity full;
insert into t_full values (1, 1, 1.5, 'one', '\x01', '2024-01-01 00:00:00.000001', '2024-01-01 00:00:00.000001+00', '{"a":1}', '{1,2}', '00000000-0000-0000-0000-000000000001', '[1,2)', '1 day'), (2, null, null, null, null, null, null, null, null, null, null, null);
