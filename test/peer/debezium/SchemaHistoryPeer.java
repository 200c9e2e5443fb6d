import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.debezium.config.Configuration;
import io.debezium.document.Array;
import io.debezium.document.DocumentReader;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.debezium.relational.history.AbstractSchemaHistory;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.JsonTableChangeSerializer;
import io.debezium.relational.history.SchemaHistory;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.relational.history.TableChanges;
import io.debezium.storage.file.history.FileSchemaHistory;
import io.debezium.storage.kafka.history.KafkaSchemaHistory;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Debezium's own schema histories. Each command names one: {"file": path} or {"kafka": "host:port", "topic": name}.
 *
 * <pre>exists    is there anything in it?
 * recover   the tables after every record of {"server": name}, as Debezium's own model has them
 * record    stores {"records": [...]}, each in the members of HistoryRecord</pre>
 */
public final class SchemaHistoryPeer {
    public static void main(String[] args) throws Exception {
        CommandLoop.run((name, command) -> {
            AbstractSchemaHistory history = open(command);
            try {
                return switch (name) {
                    case "exists" -> CommandLoop.JSON.getNodeFactory().booleanNode(history.exists());
                    case "recover" -> recover(history, command.get("server").asText());
                    case "record" -> record(history, (ArrayNode) command.get("records"));
                    default -> throw new IllegalArgumentException(name);
                };
            } finally {
                history.stop();
            }
        });
        // threads of Kafka's clients would keep it alive
        System.exit(0);
    }

    private static AbstractSchemaHistory open(JsonNode command) {
        boolean file = command.has("file");
        AbstractSchemaHistory history = file ? new FileSchemaHistory() : new KafkaSchemaHistory();
        Configuration.Builder config = Configuration.create().with(SchemaHistory.NAME, "peer");
        if (file) config.with(FileSchemaHistory.FILE_PATH, command.get("file").asText());
        else config.with(KafkaSchemaHistory.BOOTSTRAP_SERVERS, command.get("kafka").asText()).with(KafkaSchemaHistory.TOPIC, command.get("topic").asText());
        HistoryRecordComparator all = new HistoryRecordComparator() {
            @Override
            public boolean isAtOrBefore(HistoryRecord record, HistoryRecord desired) {
                return true;
            }
        };
        history.configure(config.build(), all, SchemaHistoryListener.NOOP, true);
        // as SchemaHistory's users do: HistorizedRelationalDatabaseSchema
        if (!history.storageExists()) history.initializeStorage();
        history.start();
        return history;
    }

    private static JsonNode recover(AbstractSchemaHistory history, String server) throws Exception {
        Tables tables = new Tables();
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        offsets.put(Map.of("server", server), Map.of("file", "", "pos", 0));
        history.recover(offsets, tables, null);
        ArrayNode found = CommandLoop.JSON.createArrayNode();
        for (TableId id : new TreeSet<>(tables.tableIds())) found.add(table(tables.forTable(id)));
        return found;
    }

    private static ObjectNode table(Table table) {
        ObjectNode shown = CommandLoop.JSON.createObjectNode();
        shown.put("database", table.id().catalog()).put("schema", table.id().schema()).put("table", table.id().table()).put("charset", table.defaultCharsetName()).put("comment", table.comment());
        ArrayNode key = shown.putArray("key");
        table.primaryKeyColumnNames().forEach(key::add);
        ArrayNode columns = shown.putArray("columns");
        for (Column column : table.columns()) {
            ObjectNode one = columns.addObject();
            one.put("name", column.name()).put("position", column.position()).put("jdbcType", column.jdbcType()).put("typeName", column.typeName()).put("typeExpression", column.typeExpression());
            one.put("charset", column.charsetName()).put("length", column.length()).put("optional", column.isOptional()).put("autoIncremented", column.isAutoIncremented()).put("generated", column.isGenerated());
            one.put("comment", column.comment()).put("hasDefault", column.hasDefaultValue());
            column.scale().ifPresent(scale -> one.put("scale", scale));
            column.defaultValueExpression().ifPresent(text -> one.put("default", text));
            ArrayNode labels = one.putArray("labels");
            column.enumValues().forEach(labels::add);
        }
        return shown;
    }

    private static JsonNode record(AbstractSchemaHistory history, ArrayNode records) throws Exception {
        for (JsonNode record : records) {
            Array changes = DocumentReader.defaultReader().read("{\"a\":" + record.get("tableChanges") + "}").getArray("a");
            TableChanges tables = new JsonTableChangeSerializer().deserialize(changes, true);
            history.record(members(record.get("source")), members(record.get("position")), record.get("databaseName").asText(), null,
                    record.has("ddl") ? record.get("ddl").asText() : null, tables, Instant.ofEpochMilli(record.get("ts_ms").asLong()));
        }
        return CommandLoop.JSON.getNodeFactory().numberNode(records.size());
    }

    private static Map<String, Object> members(JsonNode object) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> each = object.fields(); each.hasNext(); ) {
            Map.Entry<String, JsonNode> member = each.next();
            JsonNode value = member.getValue();
            members.put(member.getKey(), value.isNumber() ? (Object) value.asLong() : value.isBoolean() ? (Object) value.asBoolean() : value.asText());
        }
        return members;
    }
}
