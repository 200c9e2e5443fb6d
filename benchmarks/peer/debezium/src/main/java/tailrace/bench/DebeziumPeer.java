package tailrace.bench;

import java.io.BufferedReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

import com.sun.management.OperatingSystemMXBean;
import io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.KeyValueChangeEventFormat;

/**
 * Reads changes with Debezium's asynchronous embedded engine, as JSON.
 *
 * <pre>DebeziumPeer FILE.properties count ROWS   one JSON line with the measurement once ROWS records have come
 * DebeziumPeer FILE.properties print ROWS   every record's value as a line, flushed a batch at a time</pre>
 *
 * The clock starts at the first batch and that batch's records are left out: the start of the JVM, of the engine and
 * of the server's decoding is in the "whole" figures only.
 */
public final class DebeziumPeer {
    private static final OperatingSystemMXBean OS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long wanted;
    private final boolean printing;
    private final PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
    private long seen;
    private long firstRows;
    private long firstNanos;
    private long firstCpu;

    private DebeziumPeer(boolean printing, long wanted) {
        this.printing = printing;
        this.wanted = wanted;
    }

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(Path.of(args[0]))) {
            properties.load(reader);
        }
        DebeziumPeer peer = new DebeziumPeer(args[1].equals("print"), Long.parseLong(args[2]));
        // By its factory, so that no other engine on the class path is taken.
        DebeziumEngine.Builder<ChangeEvent<String, String>> builder =
                builder(new ConvertingAsyncEngineBuilderFactory().builder(KeyValueChangeEventFormat.of(Json.class, Json.class)));
        builder.using(properties)
                .using((success, message, error) -> {
                    System.err.println("the engine ended: " + message + (error == null ? "" : " " + error));
                    System.err.flush();
                    Runtime.getRuntime().halt(3);
                })
                .notifying(peer::take)
                .build()
                .run();
    }

    private void take(List<ChangeEvent<String, String>> records, DebeziumEngine.RecordCommitter<ChangeEvent<String, String>> committer)
            throws InterruptedException {
        for (ChangeEvent<String, String> record : records) {
            if (printing) {
                out.print(record.value());
                out.print('\n');
            }
            committer.markProcessed(record);
        }
        if (printing) {
            out.flush();
        }
        committer.markBatchFinished();
        seen += records.size();
        if (firstNanos == 0) {
            firstRows = seen;
            firstNanos = System.nanoTime();
            firstCpu = OS.getProcessCpuTime();
        }
        if (seen >= wanted) {
            finish();
        }
    }

    private void finish() {
        double seconds = (System.nanoTime() - firstNanos) / 1e9;
        double wholeSeconds = (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
        long wholeCpu = OS.getProcessCpuTime();
        if (!printing) {
            out.printf(Locale.ROOT,
                    "{\"rows\":%d,\"seconds\":%.4f,\"cpuSeconds\":%.4f,\"wholeSeconds\":%.4f,\"wholeCpuSeconds\":%.4f,\"peakRssKiB\":%d}%n",
                    seen - firstRows, seconds, (wholeCpu - firstCpu) / 1e9, wholeSeconds, wholeCpu / 1e9, peakRssKiB());
        }
        out.flush();
        // Closing the engine takes seconds and is no part of the measurement.
        Runtime.getRuntime().halt(0);
    }

    private static long peakRssKiB() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (java.io.IOException e) {
            System.err.println(e);
        }
        return 0;
    }

    /** The factory answers with its own wider type; what it builds for these formats is this one. */
    @SuppressWarnings("unchecked")
    private static DebeziumEngine.Builder<ChangeEvent<String, String>> builder(Object made) {
        return (DebeziumEngine.Builder<ChangeEvent<String, String>>) made;
    }
}
