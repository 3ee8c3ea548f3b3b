//! The time at the head of a log's line, of RFC 3339 with milliseconds, as in `2026-03-01T09:30:00.250Z`.

use alloc::format;
use alloc::string::String;

const DAY: i64 = 86_400_000;

/// How the logging configurations of the servers write it: in the zone of the JVM, which it names.
pub const PATTERN: &str = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXX}";

/// A time in milliseconds since 1970, in UTC.
pub fn write(at: i64) -> String {
    let (year, month, day) = date(at.div_euclid(DAY));
    let of_day = at.rem_euclid(DAY);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{:02}.{millis:03}Z", seconds % 60)
}

/// The time at the head of a line, in milliseconds since 1970, and the rest of the line behind the space.
pub fn read(line: &str) -> Option<(i64, &str)> {
    let (time, rest) = line.split_once(' ')?;
    let fits = time.is_ascii() && time.len() >= 24;
    let (local, zone) = fits.then(|| time.split_at(23))?;
    let number = |from: usize, to: usize| local.get(from..to)?.parse::<u32>().ok().map(i64::from);
    let marks = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':'), (19, '.')];
    let has_marks = marks.iter().all(|(at, mark)| local[*at..].starts_with(*mark));
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let minutes = number(11, 13)? * 60 + number(14, 16)?;
    let millis = (minutes * 60 + number(17, 19)?) * 1000 + number(20, 23)?;
    has_marks.then_some(())?;
    Some((days * DAY + millis - offset(zone)?, rest))
}

/// `Z`, `+0200`, `-0330`, in milliseconds.
fn offset(zone: &str) -> Option<i64> {
    let (sign, time) = match zone.as_bytes().first()? {
        b'Z' => return (zone.len() == 1).then_some(0),
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<u8>().ok().map(i64::from);
    Some(sign * (number(0, 2)? * 60 + number(2, 4)?) * 60_000)
}

/// Days of the Gregorian calendar from 1970 on. A year begins with March here, so that a leap day ends it.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719 468 days lie between the first of March of the year 0 and 1970.
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

fn date(of: i64) -> (i64, i64, i64) {
    // By the average length of a year, which is never wrong by more than one.
    let guess = 1970 + (of * 400).div_euclid(146_097);
    let year = [guess + 1, guess].into_iter().find(|year| days(*year, 1, 1) <= of).unwrap_or(guess - 1);
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= of).unwrap_or(1);
    (year, month, of - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for (at, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_704_067_199_999, "2023-12-31T23:59:59.999Z"),
            (1_709_164_800_001, "2024-02-29T00:00:00.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(write(at), text);
            assert_eq!(read(&format!("{text} INFO a")), Some((at, "INFO a")));
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_found_again() {
        for day in 0..146_097 {
            let (year, month, date) = date(day);
            assert_eq!(days(year, month, date), day);
            assert!((1..=12).contains(&month) && (1..=31).contains(&date), "{day}");
        }
    }

    #[test]
    fn a_zone_is_taken_into_account_and_what_is_no_time_is_none() {
        let read = |text: &str| read(text).map(|(at, _)| write(at));
        let utc = Some("2026-03-01T00:30:00.250Z".to_owned());
        assert_eq!(read("2026-03-01T02:30:00.250+0200 x"), utc);
        assert_eq!(read("2026-02-28T21:00:00.250-0330 x"), utc);
        for line in
            ["", "INFO a", "\tat a.b(c.java:1)", "2026-03-01T02:30:00.250 x", "2026-03-01T02:30:00,250Z x"]
        {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(read("2026-03-01T02:30:00.250+é x"), None);
    }
}
