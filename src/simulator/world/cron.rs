//! Cron expressions: five fields, in UTC.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How far ahead a time is looked for: past the next 29 February, wherever a century lies between.
const YEARS_AHEAD: i16 = 9;

/// When something is due, in a cron expression of five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    text: String,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The numbers that a field allows, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    /// Whether it begins with `*`. Of the two fields for days, one that does not is enough.
    is_any: bool,
}

impl Cron {
    /// Reads an expression. None: it is not one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return None;
        };
        let mut weekdays = Field::read(weekdays, 0, 7)?;
        // Sunday is 0, and 7 too.
        weekdays.bits |= weekdays.bits >> 7;
        Some(Self {
            text: text.to_owned(),
            minutes: Field::read(minutes, 0, 59)?,
            hours: Field::read(hours, 0, 23)?,
            days: Field::read(days, 1, 31)?,
            months: Field::read(months, 1, 12)?,
            weekdays,
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time after `time`. None: there is none, as on the 30th of February.
    pub(crate) fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let start = TimeZone::UTC.to_datetime(time);
        let start = start.with().second(0).subsec_nanosecond(0).build().ok()?;
        let mut at = start.checked_add(1.minute()).ok()?;
        let last = start.checked_add(YEARS_AHEAD.years()).ok()?;
        while at < last {
            if !self.has_day(at) {
                at = at.date().tomorrow().ok()?.at(0, 0, 0, 0);
            } else if !self.hours.has(at.hour()) {
                let next = at.with().minute(0).build().ok()?;
                at = next.checked_add(1.hour()).ok()?;
            } else if self.minutes.has(at.minute()) {
                return TimeZone::UTC.to_timestamp(at).ok();
            } else {
                at = at.checked_add(1.minute()).ok()?;
            }
        }
        None
    }

    fn has_day(&self, at: DateTime) -> bool {
        let day = self.days.has(at.day());
        let weekday = self.weekdays.has(at.weekday().to_sunday_zero_offset());
        let is_day = if self.days.is_any || self.weekdays.is_any {
            day && weekday
        } else {
            day || weekday
        };
        is_day && self.months.has(at.month())
    }
}

impl Field {
    /// Reads a list like `*/15` or `1-5,7` of numbers from `least` to `most`.
    fn read(text: &str, least: u32, most: u32) -> Option<Self> {
        let mut bits = 0;
        for part in text.split(',') {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            let step = step.parse().ok().filter(|step| *step > 0)?;
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (least, most),
                Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
                None if part == range => (range.parse().ok()?, range.parse().ok()?),
                None => (range.parse().ok()?, most),
            };
            if from < least || to > most || from > to {
                return None;
            }
            for number in (from..=to).step_by(step) {
                bits |= 1 << number;
            }
        }
        let is_any = text.starts_with('*');
        Some(Self { bits, is_any })
    }

    fn has(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.bits >> number & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, after: &str) -> Option<String> {
        let next = Cron::read(cron).unwrap().after(after.parse().unwrap());
        next.map(|time| time.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        for (cron, after, expected) in [
            ("* * * * *", "2026-05-25T09:00:00Z", "2026-05-25T09:01:00Z"),
            (
                "*/15 * * * *",
                "2026-05-25T09:46:30Z",
                "2026-05-25T10:00:00Z",
            ),
            (
                "0 9 * * 1-5",
                "2026-05-22T09:00:00Z",
                "2026-05-25T09:00:00Z",
            ),
            (
                "30 6 1,15 * *",
                "2026-05-25T09:00:00Z",
                "2026-06-01T06:30:00Z",
            ),
            ("0 0 13 * 5", "2026-05-25T09:00:00Z", "2026-05-29T00:00:00Z"),
            ("0 0 * * 7", "2026-05-25T09:00:00Z", "2026-05-31T00:00:00Z"),
            ("0 0 29 2 *", "2026-05-25T09:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            assert_eq!(next(cron, after).as_deref(), Some(expected), "{cron}");
        }
        assert_eq!(next("0 0 30 2 *", "2026-05-25T09:00:00Z"), None);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
        ] {
            assert_eq!(Cron::read(text), None, "{text}");
        }
    }
}
