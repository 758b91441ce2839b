//! Walks over a body once and has each piece printed by a form.

use super::CanonicalError;
use super::Form;
use super::MAX_DEPTH;
use super::MAX_KEYS;
use super::error::Problem;
use super::number::Literal;
use super::number::Number;
use super::scan::plain_run;
use super::text::code_unit;
use super::text::join;

/// What Python's `json.loads` skips at the very beginning.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Rewrites a body in a canonical form.
pub(super) fn rewrite<F: Form>(body: &[u8], form: F) -> Result<F, CanonicalError> {
    let text = std::str::from_utf8(body).map_err(|error| CanonicalError {
        problem: Problem::NotUtf8,
        at: error.valid_up_to(),
    })?;
    let mut reader = Reader {
        text,
        at: if text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        },
        form,
        keys: 0,
        members: Vec::new(),
        sorted: Vec::new(),
    };
    match reader.document() {
        Ok(()) => Ok(reader.form),
        Err(problem) => Err(CanonicalError {
            problem,
            at: reader.at,
        }),
    }
}

struct Reader<'a, F> {
    text: &'a str,
    /// Where the next byte is read.
    at: usize,
    form: F,
    /// How many keys were read so far.
    keys: usize,
    /// The members of the objects that are still open, the innermost last.
    members: Vec<Printed>,
    /// Where members are put in order.
    sorted: Vec<u8>,
}

/// Where a member lies in the output.
#[derive(Clone, Copy)]
struct Printed {
    start: usize,
    key_end: usize,
    end: usize,
}

impl Printed {
    /// Its key, without the quotes.
    fn key(self, out: &[u8]) -> &[u8] {
        &out[self.start + 1..self.key_end - 1]
    }
}

impl<F: Form> Reader<'_, F> {
    fn document(&mut self) -> Result<(), Problem> {
        self.skip_blanks();
        self.value(0)?;
        self.skip_blanks();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Problem::TrailingText)
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), Problem> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(Problem::TooDeep),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => self.number(),
            Some(_) => Err(Problem::Unexpected),
            None => Err(Problem::EndsTooSoon),
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Problem> {
        self.copy(b'[')?;
        self.skip_blanks();
        if self.peek() == Some(b']') {
            return self.copy(b']');
        }
        loop {
            self.value(depth)?;
            self.skip_blanks();
            if self.peek() != Some(b',') {
                return self.copy(b']');
            }
            self.copy(b',')?;
            self.skip_blanks();
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Problem> {
        self.copy(b'{')?;
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            return self.copy(b'}');
        }
        let first = self.members.len();
        let mut in_order = true;
        loop {
            let member = self.member(depth)?;
            in_order = in_order && self.follows_the_last(member, first);
            self.members.push(member);
            self.skip_blanks();
            if self.peek() != Some(b',') {
                break;
            }
            self.copy(b',')?;
            self.skip_blanks();
        }
        if !in_order {
            self.sort_members(first);
        }
        self.members.truncate(first);
        self.copy(b'}')
    }

    fn member(&mut self, depth: usize) -> Result<Printed, Problem> {
        self.keys += 1;
        if self.keys > MAX_KEYS {
            return Err(Problem::TooManyKeys);
        }
        let start = self.form.out().len();
        self.string()?;
        let key_end = self.form.out().len();
        self.skip_blanks();
        self.copy(b':')?;
        self.skip_blanks();
        self.value(depth)?;
        Ok(Printed {
            start,
            key_end,
            end: self.form.out().len(),
        })
    }

    /// Whether a member's key comes after those of its object so far, as most do in a body that
    /// was printed sorted.
    fn follows_the_last(&mut self, member: Printed, first: usize) -> bool {
        let Some(&last) = self.members.get(first..).and_then(<[_]>::last) else {
            return true;
        };
        let out = std::mem::take(self.form.out());
        let follows = self
            .form
            .compare_keys(last.key(&out), member.key(&out))
            .is_lt();
        *self.form.out() = out;
        follows
    }

    /// Puts the members of the innermost object in order. Of those with the same key the last one
    /// stays: the sort is stable.
    fn sort_members(&mut self, first: usize) {
        let out = std::mem::take(self.form.out());
        let members = &mut self.members[first..];
        let start = members[0].start;
        members.sort_by(|a, b| self.form.compare_keys(a.key(&out), b.key(&out)));

        self.sorted.clear();
        for (index, member) in members.iter().enumerate() {
            let is_repeated = members
                .get(index + 1)
                .is_some_and(|next| next.key(&out) == member.key(&out));
            if is_repeated {
                continue;
            }
            if !self.sorted.is_empty() {
                self.sorted.push(b',');
            }
            self.sorted
                .extend_from_slice(&out[member.start..member.end]);
        }

        *self.form.out() = out;
        self.form.out().truncate(start);
        self.form.out().extend_from_slice(&self.sorted);
    }

    fn string(&mut self) -> Result<(), Problem> {
        self.copy(b'"')?;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let run = plain_run(rest);
            self.form.out().extend_from_slice(&rest[..run]);
            self.at += run;
            match self.peek() {
                Some(b'"') => return self.copy(b'"'),
                Some(b'\\') => self.escape()?,
                Some(..0x20) => return Err(Problem::ControlCharacter),
                Some(_) => self.foreign(),
                None => return Err(Problem::EndsTooSoon),
            }
        }
    }

    /// Characters beyond printable ASCII, which stand for themselves.
    fn foreign(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for char in rest.chars().take_while(|&char| char >= '\u{7f}') {
            self.form.code_point(u32::from(char));
            self.at += char.len_utf8();
        }
    }

    fn escape(&mut self) -> Result<(), Problem> {
        let rest = &self.text.as_bytes()[self.at..];
        let code_point = match rest.get(1).ok_or(Problem::EndsTooSoon)? {
            byte @ (b'"' | b'\\' | b'/') => u32::from(*byte),
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'u' => return self.unicode_escape(),
            _ => return Err(Problem::BadEscape),
        };
        self.at += 2;
        self.form.code_point(code_point);
        Ok(())
    }

    /// `\uXXXX`, and the second half of a pair if one follows. A half alone stays alone.
    fn unicode_escape(&mut self) -> Result<(), Problem> {
        let rest = &self.text.as_bytes()[self.at..];
        let first = code_unit(rest).ok_or(Problem::BadEscape)?;
        let second = rest.get(6..).and_then(code_unit);
        let (code_point, length) = match (first, second) {
            (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => (join(first, low), 12),
            _ => (first, 6),
        };
        self.at += length;
        self.form.code_point(code_point);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Problem> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if let Some(literal) = Literal::at_start_of(rest.as_bytes()) {
            self.form.literal(literal)?;
            self.at += literal.as_str().len();
            return Ok(());
        }
        let number = Number::at_start_of(rest)?;
        self.form.number(number)?;
        self.at += number.text.len();
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Problem> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Problem::Unexpected);
        }
        self.form.out().extend_from_slice(word.as_bytes());
        self.at += word.len();
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Demands this byte and prints it.
    fn copy(&mut self, byte: u8) -> Result<(), Problem> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                self.form.out().push(byte);
                Ok(())
            }
            Some(_) => Err(Problem::Unexpected),
            None => Err(Problem::EndsTooSoon),
        }
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}
