import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.KeyValueChangeEventFormat;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.storage.FileOffsetBackingStore;
import org.apache.kafka.connect.util.Callback;

/**
 * Debezium itself.
 *
 * <pre>run FILE [COUNT [hold]]  the engine with these properties: a line {"key":…,"value":…} a record. Ends in order at SIGTERM, or
 *                     once exactly COUNT records are processed; with status 3 after an error. `hold`: does not end then, but says
 *                     HELD on standard error once their offset is stored
 * read FILE           the entries of an offset file, read by Kafka Connect's own class: a JSON array of [key, value]
 * write FILE          the other way round, from standard input</pre>
 */
public final class DebeziumPeer {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        try {
            act(args);
            OUT.flush();
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        // threads of the store would keep it alive
        System.exit(0);
    }

    private static void act(String[] args) throws Exception {
        switch (args[0]) {
            case "run" -> run(Path.of(args[1]), args.length > 2 ? Long.parseLong(args[2]) : Long.MAX_VALUE, args.length > 3);
            case "read" -> OUT.println(read(args[1]));
            case "write" -> write(args[1], (ArrayNode) MAPPER.readTree(System.in));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void run(Path file, long count, boolean hold) throws Exception {
        Properties properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean failed = new AtomicBoolean();
        DebeziumEngine<?> engine = builder(new ConvertingAsyncEngineBuilderFactory().builder(KeyValueChangeEventFormat.of(Json.class, Json.class)))
                .using(properties)
                .using((success, message, error) -> {
                    failed.set(!success);
                    if (!success) {
                        System.err.println("ENDED " + message);
                        for (Throwable cause = error; cause != null; cause = cause.getCause()) System.err.println("  " + cause);
                    }
                    ended.countDown();
                })
                .notifying(new Printer(count, hold ? Long.parseLong(properties.getProperty("offset.flush.interval.ms")) : -1, reached))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(engine, ended)));
        Thread thread = new Thread(engine, "engine");
        thread.setDaemon(true);
        thread.start();
        while (!reached.await(20, TimeUnit.MILLISECONDS) && ended.getCount() > 0) { }
        // closes it as well, and does not end before that has ended: an offset may be half written
        System.exit(failed.get() ? 3 : 0);
    }

    private static void close(DebeziumEngine<?> engine, CountDownLatch ended) {
        for (int attempt = 0; attempt < 200 && ended.getCount() > 0; attempt++) {
            try {
                engine.close();
                ended.await(30, TimeUnit.SECONDS);
                return;
            } catch (IllegalStateException starting) {
                // it cannot be closed while it starts
                try {
                    Thread.sleep(50);
                } catch (InterruptedException e) {
                    return;
                }
            } catch (Exception e) {
                System.err.println("closing: " + e);
                return;
            }
        }
    }

    private static final class Printer implements DebeziumEngine.ChangeConsumer<ChangeEvent<String, String>> {
        private final CountDownLatch reached;
        /** How long to wait until the offset of the last record may be stored; negative: does not hold. */
        private final long holdMs;
        private long left;

        Printer(long count, long holdMs, CountDownLatch reached) {
            this.left = count;
            this.holdMs = holdMs;
            this.reached = reached;
        }

        @Override
        public void handleBatch(List<ChangeEvent<String, String>> records, DebeziumEngine.RecordCommitter<ChangeEvent<String, String>> committer)
                throws InterruptedException {
            for (ChangeEvent<String, String> record : records) {
                if (left == 0) break;
                left--;
                OUT.print("{\"key\":" + record.key() + ",\"value\":" + record.value() + "}\n");
                // what the offset says is delivered must have been: the reader of a pipe has it even if this process is killed
                OUT.flush();
                committer.markProcessed(record);
            }
            committer.markBatchFinished();
            if (left == 0 && holdMs >= 0) {
                // stored at the end of a batch, if the interval is over
                Thread.sleep(holdMs + 50);
                committer.markBatchFinished();
                System.err.println("HELD");
                Thread.sleep(600_000);
            }
            if (left == 0) {
                reached.countDown();
                // nothing after the last one until the engine is closed
                Thread.sleep(60_000);
            }
        }

        @Override
        public boolean supportsTombstoneEvents() {
            return true;
        }
    }

    private static String read(String file) throws Exception {
        ArrayNode entries = MAPPER.createArrayNode();
        FileOffsetBackingStore store = new Reader();
        store.configure(config(file));
        store.start();
        for (Map.Entry<ByteBuffer, ByteBuffer> entry : ((Reader) store).entries().entrySet()) {
            entries.addArray().add(text(entry.getKey())).add(text(entry.getValue()));
        }
        store.stop();
        return entries.toString();
    }

    private static void write(String file, ArrayNode entries) throws Exception {
        FileOffsetBackingStore store = new Reader();
        store.configure(config(file));
        store.start();
        Map<ByteBuffer, ByteBuffer> values = new HashMap<>();
        for (JsonNode entry : entries) values.put(bytes(entry.get(0)), bytes(entry.get(1)));
        store.set(values, (Callback<Void>) (error, result) -> {
            if (error != null) error.printStackTrace();
        }).get();
        store.stop();
    }

    /** Shows what the class keeps to itself. */
    private static final class Reader extends FileOffsetBackingStore {
        Reader() {
            super(keys());
        }

        Map<ByteBuffer, ByteBuffer> entries() {
            return data;
        }

        private static JsonConverter keys() {
            JsonConverter converter = new JsonConverter();
            converter.configure(Map.of("schemas.enable", "false"), true);
            return converter;
        }
    }

    private static WorkerConfig config(String file) {
        return new StandaloneConfig(Map.of(
                "key.converter", "org.apache.kafka.connect.json.JsonConverter", "value.converter", "org.apache.kafka.connect.json.JsonConverter",
                "bootstrap.servers", "none:1", StandaloneConfig.OFFSET_STORAGE_FILE_FILENAME_CONFIG, file));
    }

    private static String text(ByteBuffer bytes) {
        return bytes == null ? null : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static ByteBuffer bytes(JsonNode text) {
        return text.isNull() ? null : ByteBuffer.wrap(text.asText().getBytes(StandardCharsets.UTF_8));
    }

    /** The factory answers with its own wider type; what it builds for these formats is this one. */
    @SuppressWarnings("unchecked")
    private static DebeziumEngine.Builder<ChangeEvent<String, String>> builder(Object made) {
        return (DebeziumEngine.Builder<ChangeEvent<String, String>>) made;
    }
}
