//! The kinds of fields.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

use super::Asked;

/// How many pairs there may be, and how long they may be.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator::server) struct PairLimits {
    pub(in crate::simulator::server) count: usize,
    /// In characters.
    pub(in crate::simulator::server) key: RangeOf,
    pub(in crate::simulator::server) value: RangeOf,
}

/// From so many to so many.
type RangeOf = (usize, usize);

impl PairLimits {
    /// What is documented for the metadata of a task.
    pub(in crate::simulator::server) const METADATA: Self = Self {
        count: 10,
        key: (1, 100),
        value: (0, 1_000),
    };

    /// Nothing is documented.
    pub(in crate::simulator::server) const NONE: Self = Self {
        count: usize::MAX,
        key: (0, usize::MAX),
        value: (0, usize::MAX),
    };
}

impl Asked {
    /// Text of so many characters.
    pub(in crate::simulator::server) fn text(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        let Value::String(text) = self.take(name)? else {
            self.fault(name, "string_type", "Input should be a valid string");
            return None;
        };
        let characters = text.chars().count();
        if characters < *length.start() {
            let msg = format!("String should have at least {} character", length.start());
            self.fault(name, "string_too_short", &msg);
            None
        } else if characters > *length.end() {
            let msg = format!("String should have at most {} characters", length.end());
            self.fault(name, "string_too_long", &msg);
            None
        } else {
            Some(text)
        }
    }

    /// Text that is one of a few words.
    pub(in crate::simulator::server) fn one_of(
        &mut self,
        name: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let given = self.take(name)?;
        let found = words.iter().find(|word| given == **word).copied();
        if found.is_none() {
            let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            let msg = format!("Input should be {}", words.join(" or "));
            self.fault(name, "enum", &msg);
        }
        found
    }

    /// A whole number; its digits as text will do.
    pub(in crate::simulator::server) fn integer(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = match self.take(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            self.fault(name, "int_parsing", "Input should be a valid integer");
            return None;
        };
        if number < *range.start() {
            let msg = format!("Input should be greater than or equal to {}", range.start());
            self.fault(name, "greater_than_equal", &msg);
            None
        } else if number > *range.end() {
            let msg = format!("Input should be less than or equal to {}", range.end());
            self.fault(name, "less_than_equal", &msg);
            None
        } else {
            Some(number)
        }
    }

    /// Yes or no.
    pub(in crate::simulator::server) fn flag(&mut self, name: &str) -> Option<bool> {
        let flag = self.take(name)?.as_bool();
        if flag.is_none() {
            self.fault(name, "bool_parsing", "Input should be a valid boolean");
        }
        flag
    }

    /// An id.
    pub(in crate::simulator::server) fn id(&mut self, name: &str) -> Option<Uuid> {
        let given = self.take(name)?;
        let id = given.as_str().and_then(|text| Uuid::parse_str(text).ok());
        if id.is_none() {
            self.fault(name, "uuid_parsing", "Input should be a valid UUID");
        }
        id
    }

    /// A time, with a zone or in UTC.
    pub(in crate::simulator::server) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let given = self.take(name)?;
        let time = given
            .as_str()
            .and_then(|text| text.parse().ok().or_else(|| naive(text)));
        if time.is_none() {
            self.fault(name, "datetime_parsing", "Input should be a valid datetime");
        }
        time
    }

    /// A time without a zone, in UTC.
    pub(in crate::simulator::server) fn naive_time(&mut self, name: &str) -> Option<Timestamp> {
        let given = self.take(name)?;
        let text = given.as_str().unwrap_or_default();
        let time = naive(text);
        if text.parse::<Timestamp>().is_ok() {
            let msg = "Input should not have timezone info";
            self.fault(name, "timezone_naive", msg);
            return None;
        }
        if time.is_none() {
            self.fault(name, "datetime_parsing", "Input should be a valid datetime");
        }
        time
    }

    /// A list of texts.
    pub(in crate::simulator::server) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let given = self.take(name)?;
        let texts = serde_json::from_value(given).ok();
        if texts.is_none() {
            self.fault(name, "list_type", "Input should be a valid list of strings");
        }
        texts
    }

    /// Texts by names.
    pub(in crate::simulator::server) fn pairs(
        &mut self,
        name: &str,
        limits: PairLimits,
    ) -> Option<BTreeMap<String, String>> {
        let given = self.take(name)?;
        let Ok(pairs) = serde_json::from_value::<BTreeMap<String, String>>(given) else {
            self.fault(name, "dict_type", "Input should be a dictionary of strings");
            return None;
        };
        let fits =
            |text: &str, (least, most): RangeOf| (least..=most).contains(&text.chars().count());
        if pairs.len() > limits.count {
            let why = format!("at most {} pairs are allowed", limits.count);
            self.wrong(name, &why);
        } else if !pairs.keys().all(|key| fits(key, limits.key)) {
            let why = format!("keys have {} to {} characters", limits.key.0, limits.key.1);
            self.wrong(name, &why);
        } else if !pairs.values().all(|value| fits(value, limits.value)) {
            let why = format!("values have at most {} characters", limits.value.1);
            self.wrong(name, &why);
        }
        Some(pairs)
    }

    /// An amount in USD, as a number or as text.
    pub(in crate::simulator::server) fn amount(&mut self, name: &str) -> Option<String> {
        let amount = match self.take(name)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        if amount.parse::<f64>().is_ok_and(|amount| amount >= 0.0) {
            Some(amount)
        } else {
            self.wrong(name, "an amount in USD is wanted");
            None
        }
    }

    /// Any JSON.
    pub(in crate::simulator::server) fn any(&mut self, name: &str) -> Option<Value> {
        self.take(name)
    }
}

fn naive(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}
