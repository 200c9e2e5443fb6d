import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.apicurio.registry.utils.converter.avro.AvroData;
import io.apicurio.registry.utils.converter.avro.AvroDataConfig;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * Bytes to what a sink connector would be given, and back. Confluent's converter is in no public repository of Maven's
 * default; AvroData here is Apicurio's continuation of Confluent's class of that name (Apache licence), and bytes are
 * read by Avro's own reader. Data of Connect is written by Connect's JsonConverter, schema and payload.
 */
final class ConnectData {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Map<String, Schema> SCHEMAS = new HashMap<>();
    private static final JsonConverter CONVERTER = converter();

    static JsonNode answer(String name, JsonNode command) throws Exception {
        ArrayNode all = KafkaClient.JSON.createArrayNode();
        for (JsonNode value : command.get("values")) all.add(one(name, command, KafkaClient.bytes(value)));
        return all;
    }

    private static JsonNode one(String name, JsonNode command, byte[] bytes) throws Exception {
        switch (name) {
            case "connectOfJson":
                return json(CONVERTER.toConnectData("", bytes));
            case "connectOfAvro": {
                Framed framed = new Framed(command, bytes);
                return json(avroData(command).toConnectData(framed.schema, framed.value));
            }
            case "avroOfConnect":
                return written(command, CONVERTER.toConnectData("", bytes));
            default:
                return plain(new Framed(command, bytes));
        }
    }

    /** As the serialisers frame it: a zero, the schema's id in four bytes, Avro's binary encoding. */
    private static final class Framed {
        final int id;
        final Schema schema;
        final Object value;

        Framed(JsonNode command, byte[] bytes) throws Exception {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (buffer.get() != 0) throw new IllegalArgumentException("the first byte is not 0");
            id = buffer.getInt();
            schema = registered(command, id);
            BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, buffer.position(), buffer.remaining(), null);
            value = new GenericDatumReader<Object>(schema).read(null, decoder);
            if (!decoder.isEnd()) throw new IllegalArgumentException("bytes are left over after the value");
        }
    }

    private static Schema registered(JsonNode command, int id) throws Exception {
        String address = command.get("registry").asText() + "/schemas/ids/" + id;
        Schema known = SCHEMAS.get(address);
        if (known != null) return known;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        if (command.hasNonNull("authorization")) request.header("authorization", command.get("authorization").asText());
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) throw new IllegalStateException("the registry answered " + response.statusCode());
        Schema schema = new Schema.Parser().parse(KafkaClient.JSON.readTree(response.body()).get("schema").asText());
        SCHEMAS.put(address, schema);
        return schema;
    }

    /** Without Connect: the writer's schema, and the value in Avro's JSON encoding. */
    private static JsonNode plain(Framed framed) throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonEncoder encoder = EncoderFactory.get().jsonEncoder(framed.schema, text);
        new GenericDatumWriter<Object>(framed.schema).write(framed.value, encoder);
        encoder.flush();
        ObjectNode node = KafkaClient.JSON.createObjectNode().put("id", framed.id);
        node.set("schema", KafkaClient.JSON.readTree(framed.schema.toString()));
        node.set("value", KafkaClient.JSON.readTree(text.toByteArray()));
        return KafkaClient.JSON.getNodeFactory().textNode(KafkaClient.JSON.writeValueAsString(node));
    }

    /** The schema a converter would register, and its bytes (without a frame). */
    private static JsonNode written(JsonNode command, SchemaAndValue data) throws Exception {
        AvroData avroData = avroData(command);
        Schema schema = avroData.fromConnectSchema(data.schema());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        Object value = avroData.fromConnectData(data.schema(), data.value());
        new GenericDatumWriter<Object>(schema, new GenericData()).write(value, encoder);
        encoder.flush();
        ObjectNode node = KafkaClient.JSON.createObjectNode().put("value", KafkaClient.base64(bytes.toByteArray()));
        node.set("schema", KafkaClient.JSON.readTree(schema.toString()));
        return node;
    }

    private static AvroData avroData(JsonNode command) {
        Map<String, String> config = new HashMap<>();
        command.path("options").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        return new AvroData(new AvroDataConfig(config));
    }

    private static JsonNode json(SchemaAndValue data) {
        byte[] bytes = CONVERTER.fromConnectData("", data.schema(), data.value());
        return KafkaClient.JSON.getNodeFactory().textNode(bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8));
    }

    private static JsonConverter converter() {
        JsonConverter converter = new JsonConverter();
        // By default a null of a field with a default comes out as the default.
        converter.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
        return converter;
    }
}
