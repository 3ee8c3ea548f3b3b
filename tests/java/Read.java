import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.TreeMap;

/** Reads a file as ZooKeeper and Kafka do and prints each key and value as UTF-16 units in hex. */
public class Read {
    public static void main(String[] arguments) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(arguments[0])) {
            properties.load(in);
        }
        TreeMap<String, String> sorted = new TreeMap<>();
        properties.forEach((key, value) -> sorted.put(hex((String) key), hex((String) value)));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII.name());
        sorted.forEach((key, value) -> out.println(key + "=" + value));
        out.flush();
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(unit -> hex.append(String.format("%04x", unit)));
        return hex.toString();
    }
}
