import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.flexible.QuorumVerifier;

/**
 * Makes random ensembles with random groups and weights, some of them broken, and prints as JSON, one a line, what
 * ZooKeeper's own reader makes of each: the exception that it ends with, or every set of voters that is a quorum.
 */
public class Quorums {
    private static final String[] WEIGHTS = {"0", "1", "2", "3", "5", "+2", "03"};
    private static final String[] BROKEN_WEIGHTS = {"-1", "-3", "x", "", "1 ", "0.5", "9223372036854775807"};
    private static final String[] BROKEN_KEYS =
        {"group.x", "group", "group7", "groups", "group.1.2", "weight.x", "weights", "weight", "group."};

    private final Random random;
    private final Path data;
    private final boolean oracles;
    private final List<Integer> voters = new ArrayList<>();
    private final List<Integer> observers = new ArrayList<>();
    private final Map<String, String> settings = new TreeMap<>();

    private Quorums(Random random, Path data, boolean oracles) {
        this.random = random;
        this.data = data;
        this.oracles = oracles;
    }

    public static void main(String[] arguments) throws IOException {
        Random random = new Random(Long.parseLong(arguments[0]));
        Path data = Files.createTempDirectory("quorums");
        Files.write(data.resolve("myid"), "1\n".getBytes(StandardCharsets.US_ASCII));
        Files.write(data.resolve("oracle"), "1".getBytes(StandardCharsets.US_ASCII));
        boolean oracles = Boolean.parseBoolean(arguments[2]);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII.name());
        for (int rest = Integer.parseInt(arguments[1]); rest > 0; rest--) {
            out.println(new Quorums(random, data, oracles).tell());
        }
        out.flush();
        for (File file : data.toFile().listFiles()) {
            file.delete();
        }
        Files.delete(data);
    }

    private String tell() throws IOException {
        chooseServers();
        if (random.nextInt(10) > 0) {
            chooseGroups();
            chooseWeights();
        }
        for (int broken = random.nextInt(3); broken > 0; broken--) {
            breakOne();
        }
        String told = "{\"voters\": " + voters + ", \"observers\": " + observers + ", \"settings\": " + json() + ", ";
        try {
            return told + "\"quorums\": \"" + quorums(read()) + "\"}";
        } catch (QuorumPeerConfig.ConfigException | RuntimeException ended) {
            return told + "\"ends\": \"" + ended.getClass().getSimpleName() + "\"}";
        }
    }

    private void chooseServers() {
        List<Integer> ids = new ArrayList<>();
        for (int id = 1; id <= 9; id++) {
            ids.add(id);
        }
        Collections.shuffle(ids.subList(1, 9), random);
        voters.addAll(ids.subList(0, 1 + random.nextInt(6)));
        Collections.sort(voters);
        // without voters that are a quorum there are no observers
        int further = voters.size() > 1 ? random.nextInt(3) : 0;
        observers.addAll(ids.subList(voters.size(), voters.size() + further));
        Collections.sort(observers);
    }

    private void chooseGroups() {
        int number = 1 + random.nextInt(4);
        for (int id : voters) {
            String key = "group." + (1 + random.nextInt(number));
            settings.merge(key, String.valueOf(id), (ids, one) -> ids + ":" + one);
        }
    }

    private void chooseWeights() {
        for (int id : voters) {
            if (random.nextInt(3) == 0) {
                settings.put("weight." + id, pick(WEIGHTS));
            }
        }
    }

    /** Something that a hand could have written; not all of it is wrong. */
    private void breakOne() {
        String group = "group." + (1 + random.nextInt(3));
        String id = String.valueOf(1 + random.nextInt(9));
        String ids = settings.getOrDefault(group, id);
        switch (random.nextInt(14)) {
            case 0: settings.put(group, ids + ":" + id); break;
            case 1: settings.put(group, ids.replaceFirst(":", ": ")); break;
            case 2: settings.put(group, ids + pick(":", "::", " ", ": ", ",1")); break;
            case 3: settings.put(group, pick(":", "", " ") + ids); break;
            case 4: settings.put(group, pick("", ":", "x", "::")); break;
            case 5: settings.put("weight." + id, pick(BROKEN_WEIGHTS)); break;
            case 6: settings.put("weight." + id, pick(WEIGHTS)); break;
            case 7: settings.put(pick(BROKEN_KEYS), id); break;
            case 8: settings.put("group.0" + (1 + random.nextInt(3)), id); break;
            case 9: settings.put("weight.0" + id, pick(WEIGHTS)); break;
            case 10: settings.put(group, ids.replaceFirst("[0-9]", pick("+$0", "0$0", "-$0", "$0$0"))); break;
            case 11: settings.remove(group); break;
            case 12: voters.forEach(voter -> settings.put("weight." + voter, "0")); break;
            default:
                if (oracles) {
                    settings.put("oraclePath", data.resolve("oracle").toString());
                }
        }
    }

    private QuorumVerifier read() throws IOException, QuorumPeerConfig.ConfigException {
        Properties file = new Properties();
        file.setProperty("dataDir", data.toString());
        file.setProperty("clientPort", "2181");
        file.setProperty("tickTime", "2000");
        file.setProperty("initLimit", "10");
        file.setProperty("syncLimit", "5");
        voters.forEach(id -> file.setProperty("server." + id, "127.0.0.1:2888:3888"));
        observers.forEach(id -> file.setProperty("server." + id, "127.0.0.1:2888:3888:observer"));
        file.putAll(settings);
        QuorumPeerConfig config = new QuorumPeerConfig();
        config.parseProperties(file);
        return config.getQuorumVerifier();
    }

    /** Of each set of voters, by the bits of its number, whether it is a quorum. */
    private String quorums(QuorumVerifier verifier) {
        StringBuilder told = new StringBuilder();
        for (int bits = 0; bits < 1 << voters.size(); bits++) {
            Set<Long> set = new HashSet<>();
            for (int place = 0; place < voters.size(); place++) {
                if ((bits & 1 << place) != 0) {
                    set.add((long) voters.get(place));
                }
            }
            told.append(verifier.containsQuorum(set) ? '1' : '0');
        }
        return told.toString();
    }

    private String json() {
        List<String> pairs = new ArrayList<>();
        settings.forEach((key, value) -> pairs.add("\"" + key + "\": \"" + value + "\""));
        return "{" + String.join(", ", pairs) + "}";
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }
}
