import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.connect.avro.AvroConverter;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

/** What Confluent's converter registers and writes for JSON with a schema. */
public final class AvroDataOracle {
    private static final String TOPIC = "t";
    private static final int HEADER = 5;
    private static final JsonConverter JSON = new JsonConverter();
    private static final Map<JsonNode, Peer> PEERS = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        // what is null in the JSON is null, so that the Avro side decides about defaults
        JSON.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
        CommandLoop.run((name, command) -> convert(command));
    }

    private static JsonNode convert(JsonNode command) throws Exception {
        Peer peer = PEERS.computeIfAbsent(command.get("options"), Peer::new);
        SchemaAndValue value = JSON.toConnectData(TOPIC, command.get("json").asText().getBytes(StandardCharsets.UTF_8));
        byte[] framed = peer.converter.fromConnectData(TOPIC, value.schema(), value.value());
        ObjectNode answer = CommandLoop.JSON.createObjectNode();
        answer.put("schema", peer.registry.getSchemaById(ByteBuffer.wrap(framed).getInt(1)).canonicalString());
        answer.put("bytes", CommandLoop.base64(Arrays.copyOfRange(framed, HEADER, framed.length)));
        return answer;
    }

    /** A converter with its own options, and a registry that is a map. */
    private static final class Peer {
        final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
        final AvroConverter converter = new AvroConverter(registry);

        Peer(JsonNode options) {
            Map<String, String> config = new HashMap<>(Map.of("schema.registry.url", "mock://oracle"));
            options.fields().forEachRemaining(option -> config.put(option.getKey(), option.getValue().asText()));
            converter.configure(config, false);
        }
    }
}
