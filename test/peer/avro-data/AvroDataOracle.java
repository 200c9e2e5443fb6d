import io.confluent.connect.avro.AvroConverter;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

/**
 * Confluent's converter, asked over pipes. A line in is `<option>=<value>,… <TAB> <JSON with schema>`, as Kafka's JsonConverter
 * writes it. A line out is `<Avro schema> <TAB> <Avro bytes, hexadecimal>`, or `! <exception>`.
 */
public final class AvroDataOracle {
    private static final String TOPIC = "t";
    private static final int HEADER = 5;

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        JsonConverter json = new JsonConverter();
        // what is null in the JSON is null, so that the Avro side decides about defaults
        json.configure(Map.of("schemas.enable", "true", "replace.null.with.default", "false"), false);
        Map<String, Peer> peers = new HashMap<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int tab = line.indexOf('\t');
            Peer peer = peers.computeIfAbsent(line.substring(0, tab), Peer::new);
            out.println(answer(json, peer, line.substring(tab + 1)));
            out.flush();
        }
    }

    private static String answer(JsonConverter json, Peer peer, String text) {
        try {
            SchemaAndValue value = json.toConnectData(TOPIC, text.getBytes(StandardCharsets.UTF_8));
            byte[] bytes = peer.converter.fromConnectData(TOPIC, value.schema(), value.value());
            int id = ByteBuffer.wrap(bytes).getInt(1);
            String schema = peer.registry.getSchemaById(id).canonicalString();
            String hex = HexFormat.of().formatHex(bytes, HEADER, bytes.length);
            return schema + "\t" + hex;
        } catch (Exception | Error failure) {
            Throwable cause = failure;
            while (cause.getCause() != null) cause = cause.getCause();
            return "! " + String.valueOf(cause).replaceAll("\\s+", " ");
        }
    }

    /** A converter with its own options, and a registry that is a map. */
    private static final class Peer {
        final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
        final AvroConverter converter = new AvroConverter(registry);

        Peer(String options) {
            Map<String, String> config = new HashMap<>(Map.of("schema.registry.url", "mock://oracle"));
            for (String option : options.split(",")) {
                int sign = option.indexOf('=');
                if (sign > 0) config.put(option.substring(0, sign), option.substring(sign + 1));
            }
            converter.configure(config, false);
        }
    }
}
