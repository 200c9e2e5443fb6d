import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.connect.avro.AvroConverter;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

/** Framed Avro as Confluent's deserialiser and converter read it, with schemas from a registry. */
public final class ConfluentReader {
    private static final Map<String, KafkaAvroDeserializer> DESERIALIZERS = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        CommandLoop.run(ConfluentReader::answer);
    }

    private static JsonNode answer(String name, JsonNode command) throws Exception {
        Map<String, String> config = new HashMap<>();
        command.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        String topic = command.get("topic").asText();
        boolean isKey = command.get("isKey").asBoolean();
        ArrayNode all = CommandLoop.JSON.createArrayNode();
        switch (name) {
            case "avro":
                KafkaAvroDeserializer deserializer = deserializer(config, isKey);
                for (JsonNode value : command.get("values")) all.add(avro(deserializer.deserialize(topic, CommandLoop.bytes(value))));
                return all;
            case "connect":
                AvroConverter converter = new AvroConverter();
                converter.configure(config, isKey);
                for (JsonNode value : command.get("values")) all.add(connect(converter.toConnectData(topic, CommandLoop.bytes(value))));
                return all;
            default:
                throw new IllegalArgumentException("no such command: " + name);
        }
    }

    /** One for all calls of a configuration, as a consumer has it: it keeps the schemas that it has asked for. */
    private static KafkaAvroDeserializer deserializer(Map<String, String> config, boolean isKey) {
        return DESERIALIZERS.computeIfAbsent(config + " " + isKey, unused -> {
            KafkaAvroDeserializer made = new KafkaAvroDeserializer();
            made.configure(config, isKey);
            return made;
        });
    }

    private static String avro(Object value) throws Exception {
        if (!(value instanceof GenericContainer)) throw new IllegalArgumentException("not a record: " + value);
        Schema schema = ((GenericContainer) value).getSchema();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonEncoder encoder = EncoderFactory.get().jsonEncoder(schema, text);
        new GenericDatumWriter<Object>(schema).write(value, encoder);
        encoder.flush();
        ObjectNode node = CommandLoop.JSON.createObjectNode();
        node.set("schema", CommandLoop.JSON.readTree(schema.toString()));
        node.set("value", CommandLoop.JSON.readTree(text.toByteArray()));
        return CommandLoop.JSON.writeValueAsString(node);
    }

    private static String connect(SchemaAndValue data) {
        JsonConverter converter = new JsonConverter();
        // By default a null of a field with a default comes out as the default.
        converter.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
        byte[] json = converter.fromConnectData("", data.schema(), data.value());
        return json == null ? "null" : new String(json, StandardCharsets.UTF_8);
    }
}
