import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.utils.Utils;

/**
 * Takes one command a line on standard input and answers with one line of JSON: {"answer": …} or {"error": "…"}. What
 * it says comes from Kafka's own client, Connect's own converters and Avro's own reader. Ends when its input does.
 */
public final class KafkaClient {
    static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        // Answers alone go to standard output: what a library prints there goes to standard error.
        System.setOut(System.err);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            ObjectNode said = JSON.createObjectNode();
            try {
                said.set("answer", answer(JSON.readTree(line)));
            } catch (Throwable error) {
                said.put("error", chain(error));
            }
            answers.println(JSON.writeValueAsString(said));
            answers.flush();
        }
    }

    private static JsonNode answer(JsonNode command) throws Exception {
        String name = command.get("do").asText();
        switch (name) {
            case "ready":
                return JSON.getNodeFactory().booleanNode(true);
            case "read":
                return TopicReader.read(command);
            case "partition":
                return partitions(command);
            case "connectOfJson":
            case "connectOfAvro":
            case "avroOfConnect":
            case "avro":
                return ConnectData.answer(name, command);
            default:
                throw new IllegalArgumentException("no such command: " + name);
        }
    }

    /** What the default partitioner computes for a key: BuiltInPartitioner.partitionForKey. */
    private static ArrayNode partitions(JsonNode command) {
        ArrayNode found = JSON.createArrayNode();
        int count = command.get("partitions").asInt();
        for (JsonNode key : command.get("keys")) found.add(Utils.toPositive(Utils.murmur2(bytes(key))) % count);
        return found;
    }

    static byte[] bytes(JsonNode base64) {
        return Base64.getDecoder().decode(base64.asText());
    }

    static String base64(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    private static String chain(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = error; at != null; at = at.getCause()) text.append(text.length() == 0 ? "" : ", caused by ").append(at);
        return text.toString();
    }
}
