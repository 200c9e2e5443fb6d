import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
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

/** Records of a topic from an offset to its end at the moment of asking, or to a limit, as the bytes that are there. */
final class TopicReader {
    static JsonNode read(JsonNode command) {
        Properties config = new Properties();
        config.put("default.api.timeout.ms", "20000");
        config.put("request.timeout.ms", "10000");
        // A topic that is not there is an error, and is not made by looking for it.
        config.put("allow.auto.create.topics", "false");
        command.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        String topic = command.get("topic").asText();
        ArrayNode records = CommandLoop.JSON.createArrayNode();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(one -> new TopicPartition(topic, one.partition())).collect(Collectors.toList());
            if (partitions.isEmpty()) throw new IllegalArgumentException("no such topic: " + topic);
            consumer.assign(partitions);
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            long from = command.get("from").asLong();
            for (TopicPartition one : partitions) consumer.seek(one, Math.max(from, beginnings.get(one)));
            int most = command.get("limit").asInt();
            // With read_committed this is the last stable offset: records after an open transaction's first are not waited for.
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long limit = System.nanoTime() + Duration.ofMillis(command.get("timeoutMs").asLong()).toNanos();
            while (records.size() < most && ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > limit) throw new TimeoutException("the end of " + topic + " was not reached");
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100)))
                    if (records.size() < most && record.offset() < ends.get(new TopicPartition(topic, record.partition()))) records.add(json(record));
            }
        }
        return records;
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
