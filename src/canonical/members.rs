//! Looks into canonical text without reading it all again.

/// One member of an object, as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key without its quotes. Equal keys are printed equally, so a key of plain ASCII can be
    /// compared with a literal.
    pub key: &'a [u8],
    /// The value: canonical text itself.
    pub value: &'a [u8],
}

/// The members of a canonical object, in their order; nothing if `canonical` is no object.
///
/// Only for what a canonical form printed: well-formed, and without blanks.
#[must_use]
pub fn members(canonical: &[u8]) -> Members<'_> {
    let inside = canonical
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"));
    Members {
        rest: inside.unwrap_or_default(),
    }
}

/// Walks over the members of an object.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let (quoted, rest) = self.rest.split_at_checked(value_length(self.rest))?;
        let (value, rest) = rest
            .get(1..)?
            .split_at_checked(value_length(rest.get(1..)?))?;
        self.rest = rest.get(1..).unwrap_or_default();
        Some(Member {
            key: quoted.get(1..quoted.len() - 1)?,
            value,
        })
    }
}

/// How many bytes the value takes that `text` begins with.
fn value_length(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at += string_length(&text[at..]);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + depth,
            b'}' | b']' => depth -= 1,
            b',' | b':' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// How many bytes the string takes, quotes included, that `text` begins with.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    loop {
        at += super::scan::plain_run(text.get(at..).unwrap_or_default());
        match text.get(at) {
            None => return text.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(canonical: &str) -> Vec<(&str, &str)> {
        members(canonical.as_bytes())
            .map(|member| {
                let text = |bytes| std::str::from_utf8(bytes).unwrap();
                (text(member.key), text(member.value))
            })
            .collect()
    }

    #[test]
    fn an_object_is_taken_apart_at_its_own_commas() {
        let canonical = r#"{"a":{"x":[1,{}],"y":"},"},"b":[],"c\"":-1.5,"d":"","e":null}"#;
        let taken_apart = [
            ("a", r#"{"x":[1,{}],"y":"},"}"#),
            ("b", "[]"),
            (r#"c\""#, "-1.5"),
            ("d", r#""""#),
            ("e", "null"),
        ];
        assert_eq!(pairs(canonical), taken_apart);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for canonical in ["{}", "[1,2]", "null", r#""{}""#, "1"] {
            assert_eq!(pairs(canonical), []);
        }
    }
}
