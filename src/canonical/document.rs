//! A body in Python's form.

use super::CanonicalError;
use super::members::Members;
use super::members::members;
use super::python::Python;
use super::rewrite;

/// A body that was read, in Python's canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    python: Vec<u8>,
    is_plain: bool,
}

impl Document {
    /// Reads a body: anything that Python's `json.loads` takes, in UTF-8 and within our bounds.
    pub fn read(body: &[u8]) -> Result<Self, CanonicalError> {
        let mut form = Python { is_plain: true };
        let python = rewrite(body, &mut form)?;
        if !form.is_plain {
            // What is not plain may have been dropped for a later member with the same key.
            form.is_plain = true;
            rewrite(&python, &mut form)?;
        }
        Ok(Self {
            python,
            is_plain: form.is_plain,
        })
    }

    /// What Python prints: ASCII, keys sorted at every depth, no blanks.
    #[must_use]
    pub fn python(&self) -> &[u8] {
        &self.python
    }

    /// Python's form as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It is ASCII, so this never falls back.
        std::str::from_utf8(&self.python).unwrap_or_default()
    }

    /// Whether it is valid JSON for every client: no `NaN` or `Infinity`, no number past a double,
    /// no lone surrogate.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The members at the top; nothing if it is no object.
    #[must_use]
    pub fn members(&self) -> Members<'_> {
        members(&self.python)
    }

    /// The value at the top under a key of plain ASCII.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.members()
            .find(|member| member.key == key.as_bytes())
            .map(|member| member.value)
    }
}
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Problem;
    use super::*;

    fn python(body: &str) -> String {
        Document::read(body.as_bytes()).unwrap().as_str().to_owned()
    }

    fn problem(body: impl AsRef<[u8]>) -> Problem {
        Document::read(body.as_ref()).unwrap_err().problem
    }

    #[test]
    fn keys_are_sorted_by_code_point_at_every_depth() {
        let body = "\u{feff} { \"b\" : [ {\"z\":1, \"a\":2} ] , \"\u{1f600}\":3, \"\u{ff5e}\":4, \"a\":{} } ";
        assert_eq!(
            python(body),
            r#"{"a":{},"b":[{"a":2,"z":1}],"\uff5e":4,"\ud83d\ude00":3}"#
        );
    }

    #[test]
    fn of_repeated_keys_the_last_one_counts() {
        assert_eq!(
            python(r#"{"b":1,"a":{"x":1},"\u0062":2,"a":3}"#),
            r#"{"a":3,"b":2}"#
        );
    }

    #[test]
    fn what_was_dropped_leaves_no_mark() {
        let plain = |body: &str| Document::read(body.as_bytes()).unwrap().is_plain();
        assert!(plain(r#"{"a":Infinity,"a":0}"#));
        assert!(!plain(r#"{"a":0,"a":Infinity}"#));
    }

    #[test]
    fn text_is_escaped_into_ascii() {
        assert_eq!(
            python("\"é\u{7f}\u{2028}😀\\/\\u0001\\b\\f\\n\\r\\t\\\"\\\\\""),
            r#""\u00e9\u007f\u2028\ud83d\ude00/\u0001\b\f\n\r\t\"\\""#
        );
    }

    #[test]
    fn half_a_pair_stays_as_it_is() {
        assert_eq!(
            python(r#""\uD800\uD83D\uDE00\udc00x""#),
            r#""\ud800\ud83d\ude00\udc00x""#
        );
    }

    #[test]
    fn numbers_are_kept_or_printed_as_python_does() {
        assert_eq!(
            python("[-0,-0.0,1E5,1e400,-1e400,NaN,-Infinity,123456789012345678901234567890]"),
            "[0,-0.0,100000.0,Infinity,-Infinity,NaN,-Infinity,123456789012345678901234567890]"
        );
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for body in [
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "-",
            "+1",
            "1e",
            "nul",
            "[-NaN]",
            "{1:2}",
        ] {
            assert!(Document::read(body.as_bytes()).is_err(), "{body}");
        }
        assert_eq!(problem("[1] 2"), Problem::TrailingText);
        assert_eq!(problem("\"\t\""), Problem::ControlCharacter);
        assert_eq!(problem(r#""\x""#), Problem::BadEscape);
        assert_eq!(problem(r#""\u+123""#), Problem::BadEscape);
        assert_eq!(problem(""), Problem::EndsTooSoon);
        assert_eq!(problem(b"\"\xff\""), Problem::NotUtf8);
        assert_eq!(problem(b"\"\xed\xa0\x80\""), Problem::NotUtf8);
    }

    #[test]
    fn a_body_beyond_the_bounds_is_refused_where_it_passes_them() {
        let deep = "[".repeat(10_000);
        let error = Document::read(deep.as_bytes()).unwrap_err();
        assert_eq!((error.problem, error.at), (Problem::TooDeep, 128));
        assert!(
            Document::read(format!("{}{}", "[".repeat(128), "]".repeat(128)).as_bytes()).is_ok()
        );

        assert!(Document::read("9".repeat(4_300).as_bytes()).is_ok());
        assert_eq!(problem("9".repeat(4_301)), Problem::NumberTooLong);
        assert_eq!(
            problem(format!("{{{}}}", "\"\":0,".repeat(100_001))),
            Problem::TooManyKeys
        );
    }

    #[test]
    fn what_some_clients_cannot_read_is_not_plain() {
        for body in [
            "NaN",
            "[1e400]",
            r#""\ud800""#,
            r#"{"\udc00":1}"#,
            &"9".repeat(309),
        ] {
            assert!(
                !Document::read(body.as_bytes()).unwrap().is_plain(),
                "{body}"
            );
        }
        for body in [r#""\ud83d\ude00""#, "1e308", r#""NaN""#, &"9".repeat(308)] {
            assert!(
                Document::read(body.as_bytes()).unwrap().is_plain(),
                "{body}"
            );
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(|n| format!("{n:e}")),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            any::<u16>().prop_map(|unit| format!("\"\\u{unit:04x}\"")),
            Just("null".to_owned()),
            Just("Infinity".to_owned()),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            let key = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                proptest::collection::vec((key, inner), 0..6).prop_map(|members| {
                    let members: Vec<_> = members
                        .iter()
                        .map(|(key, value)| format!("{key} : {value}"))
                        .collect();
                    format!("{{{}}}", members.join(" ,"))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(body in json()) {
            let once = Document::read(body.as_bytes()).unwrap();
            let twice = Document::read(once.python()).unwrap();
            prop_assert!(once.python().is_ascii());
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn the_order_of_keys_does_not_matter(
            members in proptest::collection::btree_map(any::<String>(), json(), 0..8),
        ) {
            let print = |members: Vec<(&String, &String)>| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap()))
                    .collect();
                format!("{{{}}}", members.join(","))
            };
            let forward = print(members.iter().collect());
            let backward = print(members.iter().rev().collect());
            prop_assert_eq!(
                Document::read(forward.as_bytes()).unwrap(),
                Document::read(backward.as_bytes()).unwrap()
            );
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _either = Document::read(&body);
        }
    }
}
