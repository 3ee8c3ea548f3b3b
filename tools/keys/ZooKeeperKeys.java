import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

import org.apache.jute.BinaryInputArchive;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

/**
 * Prints, as JSON, what the ZooKeeper on the classpath reads: "parser", the keys of zoo.cfg that its
 * reader knows, and "properties", the system properties that its classes read.
 *
 * Neither is written down in one place. So every string constant of the classes is offered to the
 * reader, which makes a system property of a key that it does not know; and every call that reads a
 * system property is looked at for the constant that it is given.
 */
public class ZooKeeperKeys {
    private static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern DOTTED = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)+");
    private static final Set<String> READERS = Set.of(
        "java/lang/System.getProperty", "java/lang/Integer.getInteger",
        "java/lang/Long.getLong", "java/lang/Boolean.getBoolean");

    public static void main(String[] args) throws Exception {
        // Where the classpath brings a logger, it writes to standard output.
        PrintStream output = System.out;
        System.setOut(System.err);
        Set<String> constants = new TreeSet<>();
        Set<String> properties = new TreeSet<>();
        for (Class<?> inJar : List.of(QuorumPeerConfig.class, BinaryInputArchive.class)) {
            readJar(inJar, constants, properties);
        }
        constants.stream().filter(text -> text.startsWith("zookeeper.") && DOTTED.matcher(text).matches())
            .forEach(properties::add);
        tlsProperties(properties);
        Set<String> parsed = new TreeSet<>();
        for (String text : constants) {
            if (KEY.matcher(text).matches() && readerKnows(text)) {
                parsed.add(text);
            }
        }
        output.println("{\"parser\": " + array(parsed) + ", \"properties\": " + array(properties) + "}");
    }

    private static void readJar(Class<?> inJar, Set<String> constants, Set<String> properties) throws Exception {
        Path jar = Path.of(inJar.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (JarFile file = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements();) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    new ClassFile(file.getInputStream(entry).readAllBytes()).collect(constants, properties);
                }
            }
        }
    }

    /** The reader turns a key that it does not know into zookeeper.KEY; all else it keeps or refuses. */
    private static boolean readerKnows(String key) {
        System.clearProperty("zookeeper." + key);
        Properties one = new Properties();
        one.setProperty(key, "1");
        try {
            new QuorumPeerConfig().parseProperties(one);
        } catch (Exception incomplete) {
            // One key alone is never a whole configuration: only what became of the key counts.
        }
        return System.clearProperty("zookeeper." + key) == null;
    }

    /** The names of the TLS properties are put together at run time, from a prefix for each use. */
    private static void tlsProperties(Set<String> properties) throws Exception {
        for (String use : List.of("ClientX509Util", "QuorumX509Util")) {
            Class<?> type = Class.forName("org.apache.zookeeper.common." + use);
            Object util = type.getDeclaredConstructor().newInstance();
            for (Method method : type.getMethods()) {
                boolean names = method.getName().startsWith("get") && method.getName().endsWith("Property");
                if (names && method.getReturnType() == String.class && method.getParameterCount() == 0) {
                    properties.add((String) method.invoke(util));
                }
            }
        }
    }

    private static String array(Set<String> texts) {
        return texts.isEmpty() ? "[]" : "[\"" + String.join("\", \"", texts) + "\"]";
    }

    /** As much of a class file as is needed to see its strings, and which are given to a reader. */
    private static class ClassFile {
        private final byte[] bytes;
        private final DataInputStream in;
        /** A string by its index, or the indices that an entry points to. */
        private final Object[] pool;

        ClassFile(byte[] bytes) throws IOException {
            this.bytes = bytes;
            in = new DataInputStream(new ByteArrayInputStream(bytes));
            in.skipBytes(8);
            pool = new Object[in.readUnsignedShort()];
        }

        void collect(Set<String> constants, Set<String> properties) throws IOException {
            for (int i = 1; i < pool.length; i++) {
                i += readConstant(i);
            }
            for (int i = 1; i < pool.length; i++) {
                if (text(i) != null) {
                    constants.add(text(i));
                }
            }
            in.skipBytes(6);
            in.skipBytes(2 * in.readUnsignedShort());
            readMembers(null);
            readMembers(properties);
        }

        /** Reads one entry of the pool; a long or a double takes a second place, which is returned. */
        private int readConstant(int index) throws IOException {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1:
                    pool[index] = in.readUTF();
                    return 0;
                case 5: case 6:
                    in.skipBytes(8);
                    return 1;
                case 7: case 8: case 16: case 19: case 20:
                    pool[index] = new int[] {tag, in.readUnsignedShort()};
                    return 0;
                case 9: case 10: case 11: case 12: case 17: case 18:
                    pool[index] = new int[] {tag, in.readUnsignedShort(), in.readUnsignedShort()};
                    return 0;
                case 15:
                    in.skipBytes(3);
                    return 0;
                default:
                    in.skipBytes(4);
                    return 0;
            }
        }

        /** The text of a string constant, or null where the entry is something else. */
        private String text(int index) {
            int[] entry = pool[index] instanceof int[] ? (int[]) pool[index] : null;
            return entry != null && entry[0] == 8 ? (String) pool[entry[1]] : null;
        }

        /** A method reference as package/Class.name. */
        private String method(int index) {
            int[] reference = (int[]) pool[index];
            String owner = (String) pool[((int[]) pool[reference[1]])[1]];
            return owner + "." + pool[((int[]) pool[reference[2]])[1]];
        }

        /** Fields or methods; the code of these is walked where properties are asked for. */
        private void readMembers(Set<String> properties) throws IOException {
            for (int members = in.readUnsignedShort(); members > 0; members--) {
                in.skipBytes(6);
                for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                    boolean code = "Code".equals(pool[in.readUnsignedShort()]);
                    int length = in.readInt();
                    int start = bytes.length - in.available();
                    if (code && properties != null) {
                        walk(start + 8, int32(start + 4), properties);
                    }
                    in.skipBytes(length);
                }
            }
        }

        /** Strings that are loaded shortly before a call that reads a property are its arguments. */
        private void walk(int start, int length, Set<String> properties) {
            List<String> recent = new ArrayList<>();
            for (int at = start; at < start + length; at += 1 + operands(at, start)) {
                int opcode = int8(at);
                recent.add(opcode == 0x12 ? text(int8(at + 1)) : opcode == 0x13 ? text(int16(at + 1)) : null);
                if (opcode == 0xb8 && READERS.contains(method(int16(at + 1)))) {
                    recent.subList(Math.max(0, recent.size() - 8), recent.size()).stream()
                        .filter(text -> text != null && DOTTED.matcher(text).matches())
                        .forEach(properties::add);
                }
            }
        }

        /** How many bytes of operands the instruction has. */
        private int operands(int at, int start) {
            int opcode = int8(at);
            switch (opcode) {
                case 0x10: case 0x12: case 0xa9: case 0xbc:
                    return 1;
                case 0x11: case 0x13: case 0x14: case 0x84: case 0xbb: case 0xbd:
                case 0xc0: case 0xc1: case 0xc6: case 0xc7:
                    return 2;
                case 0xc5:
                    return 3;
                case 0xb9: case 0xba: case 0xc8: case 0xc9:
                    return 4;
                case 0xc4:
                    return int8(at + 1) == 0x84 ? 5 : 3;
                case 0xaa: case 0xab:
                    int padding = 3 - (at - start) % 4;
                    int table = at + 1 + padding;
                    int size = opcode == 0xab ? 8 + 8 * int32(table + 4)
                        : 12 + 4 * (int32(table + 8) - int32(table + 4) + 1);
                    return padding + size;
                default:
                    boolean local = opcode >= 0x15 && opcode <= 0x19 || opcode >= 0x36 && opcode <= 0x3a;
                    boolean wide = opcode >= 0x99 && opcode <= 0xa8 || opcode >= 0xb2 && opcode <= 0xb8;
                    return local ? 1 : wide ? 2 : 0;
            }
        }

        private int int8(int at) {
            return bytes[at] & 0xff;
        }

        private int int16(int at) {
            return int8(at) << 8 | int8(at + 1);
        }

        private int int32(int at) {
            return int16(at) << 16 | int16(at + 2);
        }
    }
}
