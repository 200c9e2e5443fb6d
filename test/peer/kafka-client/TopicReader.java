import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A page of a topic's records as the bytes that are there: {records, done, next, ends}. "next" and "ends" are offsets by partition, for
 * the command that asks for the page after this one; the ends are those at the moment when the first was asked for.
 */
final class TopicReader {
    /** A larger answer does not fit into the memory of this process. */
    private static final int PAGE_BYTES = 16_000_000;
    /** Of a record beside its key and value: a node of JSON for each of its parts, and its headers. */
    private static final int RECORD_BYTES = 2_000;

    static JsonNode read(JsonNode command) {
        String topic = command.get("topic").asText();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config(command), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(one -> new TopicPartition(topic, one.partition())).collect(Collectors.toList());
            if (partitions.isEmpty()) throw new IllegalArgumentException("no such topic: " + topic);
            consumer.assign(partitions);
            // With read_committed this is the last stable offset: records after an open transaction's first are not waited for.
            Map<TopicPartition, Long> ends = given(command.get("ends"), topic, consumer.endOffsets(partitions));
            long first = command.get("from").asLong();
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            beginnings.replaceAll((one, offset) -> Math.max(first, offset));
            Map<TopicPartition, Long> next = given(command.get("next"), topic, beginnings);
            next.forEach(consumer::seek);
            ObjectNode page = CommandLoop.JSON.createObjectNode();
            fill(page.putArray("records"), consumer, next, ends, command);
            page.put("done", reached(next, ends));
            page.set("next", json(next));
            page.set("ends", json(ends));
            return page;
        }
    }

    private static Properties config(JsonNode command) {
        Properties config = new Properties();
        config.put("default.api.timeout.ms", "20000");
        config.put("request.timeout.ms", "10000");
        // A topic that is not there is an error, and is not made by looking for it.
        config.put("allow.auto.create.topics", "false");
        // Behind the last record the consumer asks for more, and its close waits for that answer: half a second by default.
        config.put("fetch.max.wait.ms", "5");
        command.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        return config;
    }

    /** Offsets as asked for, or those that are there. */
    private static Map<TopicPartition, Long> given(JsonNode asked, String topic, Map<TopicPartition, Long> there) {
        Map<TopicPartition, Long> offsets = new HashMap<>(there);
        if (asked != null) asked.fields().forEachRemaining(entry -> offsets.put(new TopicPartition(topic, Integer.parseInt(entry.getKey())), entry.getValue().asLong()));
        return offsets;
    }

    private static void fill(ArrayNode records, KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> next, Map<TopicPartition, Long> ends, JsonNode command) {
        long limit = System.nanoTime() + Duration.ofMillis(command.get("timeoutMs").asLong()).toNanos();
        for (int bytes = 0; bytes < PAGE_BYTES && !reached(next, ends); ) {
            if (System.nanoTime() > limit) throw new TimeoutException("the end of " + command.get("topic").asText() + " was not reached");
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                if (record.offset() >= ends.get(new TopicPartition(record.topic(), record.partition()))) continue;
                records.add(json(record));
                bytes += record.serializedKeySize() + record.serializedValueSize() + RECORD_BYTES;
            }
            // also beyond what is not a record for this reader: markers, and records of aborted transactions
            next.replaceAll((one, offset) -> consumer.position(one));
        }
    }

    private static boolean reached(Map<TopicPartition, Long> next, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> next.get(end.getKey()) >= end.getValue());
    }

    private static ObjectNode json(Map<TopicPartition, Long> offsets) {
        ObjectNode node = CommandLoop.JSON.createObjectNode();
        offsets.forEach((one, offset) -> node.put(Integer.toString(one.partition()), Long.toString(offset)));
        return node;
    }

    private static ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode node = CommandLoop.JSON.createObjectNode();
        node.put("partition", record.partition()).put("offset", Long.toString(record.offset()));
        node.put("timestamp", Long.toString(record.timestamp())).put("timestampType", record.timestampType().name);
        node.put("key", CommandLoop.base64(record.key())).put("value", CommandLoop.base64(record.value()));
        ArrayNode headers = node.putArray("headers");
        for (Header header : record.headers()) headers.addArray().add(header.key()).add(CommandLoop.base64(header.value()));
        return node;
    }
}
