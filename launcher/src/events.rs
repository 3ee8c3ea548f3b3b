//! What a server writes, as events: each begins with a line that has a priority (`<3>`), and ends with one that
//! names its logger and its thread (`<.>kafka.server.KafkaServer main`). The lines between them are its own: those
//! of its message and of its stack trace. What stands outside of an event is the JVM's, line by line.

/// What one event may have, in bytes: a stack trace of as many frames as a JVM keeps has about as much. What is
/// longer goes on in another entry, and all of it fits into one datagram.
const LONGEST: usize = 128 * 1024;

/// What the JVM itself writes is information, as what a unit writes without a priority is.
const INFO: u8 = 6;

/// An entry of the journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    pub priority: u8,
    /// Without a line break at its end.
    pub text: Vec<u8>,
    pub logger: Option<String>,
    pub thread: Option<String>,
}

impl Entry {
    fn new(priority: u8, text: &[u8]) -> Self {
        Self { priority, text: text.to_vec(), logger: None, thread: None }
    }
}

/// Makes events of bytes as they come.
#[derive(Debug, Default)]
pub struct Events {
    /// A line that is not whole yet.
    line: Vec<u8>,
    /// An event that has not ended yet.
    open: Option<Entry>,
}

impl Events {
    /// The events that these bytes bring to their end.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Entry> {
        let mut done = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend(part.strip_suffix(b"\n").unwrap_or(part));
            while self.line.len() > LONGEST {
                let rest = self.line.split_off(LONGEST);
                self.end_line(&mut done);
                self.line = rest;
            }
            if part.ends_with(b"\n") {
                self.end_line(&mut done);
            }
        }
        done
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// An event whose end does not come, as where another logging configuration than ours is in use.
    pub fn give_up(&mut self) -> Option<Entry> {
        self.open.take()
    }

    /// All that is left when nothing more comes.
    pub fn finish(&mut self) -> Vec<Entry> {
        let mut done = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut done);
        }
        done.extend(self.open.take());
        done
    }

    fn end_line(&mut self, done: &mut Vec<Entry>) {
        let line = std::mem::take(&mut self.line);
        match (line.as_slice(), &mut self.open) {
            ([b'<', priority @ b'0'..=b'7', b'>', text @ ..], _) => {
                done.extend(self.open.take());
                self.open = Some(Entry::new(priority - b'0', text));
            }
            ([b'<', b'.', b'>', origin @ ..], Some(_)) => {
                let (logger, thread) = origin_of(origin);
                done.extend(self.open.take().map(|event| Entry { logger, thread, ..event }));
            }
            (text, Some(event)) if event.text.len() + text.len() < LONGEST => {
                event.text.push(b'\n');
                event.text.extend(text);
            }
            (text, Some(event)) => {
                let more = Entry::new(event.priority, text);
                done.push(std::mem::replace(event, more));
            }
            ([], None) => {}
            (text, None) => done.push(Entry::new(INFO, text)),
        }
    }
}

/// A logger's name has no blank.
fn origin_of(text: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(text);
    let (logger, thread) = text.split_once(' ').unwrap_or((&text, ""));
    let some = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    (some(logger), some(thread))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a text that comes in pieces of this size.
    fn events(text: &str, size: usize) -> Vec<(u8, String, Option<String>)> {
        let mut events = Events::default();
        let mut done: Vec<_> = text.as_bytes().chunks(size).flat_map(|bytes| events.take(bytes)).collect();
        done.extend(events.finish());
        let shown = |entry: Entry| (entry.priority, String::from_utf8(entry.text).unwrap(), entry.logger);
        done.into_iter().map(shown).collect()
    }

    fn event(priority: u8, text: &str, logger: &str) -> (u8, String, Option<String>) {
        (priority, text.to_owned(), (!logger.is_empty()).then(|| logger.to_owned()))
    }

    #[test]
    fn an_event_has_all_its_lines_however_they_come() {
        let text = "OpenJDK says\n\n<3>ERROR [t] X: went wrong\njava.lang.Exception\n\tat a.B\n<.>a.X t\n\
            <6>INFO [t] X: values:\n\ta = 1\n\n<.>a.X t\nOutOfMemory\n";
        let expected = [
            event(6, "OpenJDK says", ""),
            event(3, "ERROR [t] X: went wrong\njava.lang.Exception\n\tat a.B", "a.X"),
            event(6, "INFO [t] X: values:\n\ta = 1\n", "a.X"),
            event(6, "OutOfMemory", ""),
        ];
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(events(text, size), expected);
        }
    }

    #[test]
    fn an_event_without_an_end_ends_with_the_next_one_or_is_given_up() {
        let text = "<4>WARN [t] X: a\n<6>INFO [t] X: b\nmore";
        assert_eq!(events(text, 9), [event(4, "WARN [t] X: a", ""), event(6, "INFO [t] X: b\nmore", "")]);
        let mut late = Events::default();
        assert_eq!(late.take(b"<4>a\n<.>"), []);
        assert!(late.is_open());
        assert_eq!(late.give_up().unwrap().text, b"a");
        // what comes then stands for itself
        assert_eq!(late.take(b"x y\n")[0].text, b"<.>x y");
    }

    #[test]
    fn a_thread_may_have_any_name_and_an_end_may_name_nobody() {
        let mut events = Events::default();
        let thread = "QuorumPeer[myid=1](plain=[0:0:0:0:0:0:0:0]:2181) x";
        let entry = events.take(format!("<6>a\n<.>q.Peer {thread}\n").as_bytes()).pop().unwrap();
        assert_eq!((entry.logger.as_deref(), entry.thread.as_deref()), (Some("q.Peer"), Some(thread)));
        let entry = events.take(b"<6>a\n<.>\n").pop().unwrap();
        assert_eq!((entry.logger, entry.thread), (None, None));
    }

    #[test]
    fn what_is_too_long_goes_on_in_another_entry_of_its_priority() {
        let frames = "\tat a.B\n".repeat(LONGEST / 8 + 10);
        let found = events(&format!("<3>a\n{frames}<.>a.X t\n"), 4096);
        assert_eq!(found.iter().map(|event| event.0).collect::<Vec<_>>(), [3, 3]);
        assert!(found.iter().all(|event| event.1.len() <= LONGEST));
        let line = events(&"x".repeat(LONGEST * 2 + 5), 1000);
        assert_eq!(line.iter().map(|event| event.1.len()).collect::<Vec<_>>(), [LONGEST, LONGEST, 5]);
    }
}
