import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Takes one command a line on standard input ({"do": …}) and answers with one line: {"answer": …} or {"error": "…"}. It
 * ends when its input does.
 */
final class CommandLoop {
    static final ObjectMapper JSON = new ObjectMapper();

    interface Answers {
        JsonNode to(String name, JsonNode command) throws Exception;
    }

    static void run(Answers answers) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        // Answers alone go to standard output: what a library prints there goes to standard error.
        System.setOut(System.err);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            ObjectNode said = JSON.createObjectNode();
            try {
                JsonNode command = JSON.readTree(line);
                String name = command.get("do").asText();
                said.set("answer", name.equals("ready") ? JSON.getNodeFactory().booleanNode(true) : answers.to(name, command));
            } catch (Throwable error) {
                said.put("error", chain(error));
            }
            out.println(JSON.writeValueAsString(said));
            out.flush();
        }
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
