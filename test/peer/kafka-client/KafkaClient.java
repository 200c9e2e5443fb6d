import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

/** What Kafka's own client and Connect's own JSON converter make of things. */
public final class KafkaClient {
    public static void main(String[] arguments) throws Exception {
        CommandLoop.run(KafkaClient::answer);
    }

    private static JsonNode answer(String name, JsonNode command) {
        switch (name) {
            case "read":
                return TopicReader.read(command);
            case "partition":
                return partitions(command);
            case "connect":
                return connect(command);
            default:
                throw new IllegalArgumentException("no such command: " + name);
        }
    }

    /** What the default partitioner computes for a key: BuiltInPartitioner.partitionForKey. */
    private static ArrayNode partitions(JsonNode command) {
        ArrayNode found = CommandLoop.JSON.createArrayNode();
        int count = command.get("partitions").asInt();
        for (JsonNode key : command.get("keys")) found.add(Utils.toPositive(Utils.murmur2(CommandLoop.bytes(key))) % count);
        return found;
    }

    /** Read by the converter as a sink connector's worker does, and written by it again. */
    private static ArrayNode connect(JsonNode command) {
        ArrayNode all = CommandLoop.JSON.createArrayNode();
        try (JsonConverter converter = new JsonConverter()) {
            // By default a null of a field with a default comes out as the default.
            converter.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
            for (JsonNode value : command.get("values")) {
                SchemaAndValue data = converter.toConnectData("", CommandLoop.bytes(value));
                byte[] json = converter.fromConnectData("", data.schema(), data.value());
                all.add(json == null ? "null" : new String(json, StandardCharsets.UTF_8));
            }
        }
        return all;
    }
}
