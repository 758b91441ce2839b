//! Walks over a body once and has each piece printed by a form.

use super::CanonicalError;
use super::Form;
use super::MAX_DEPTH;
use super::MAX_KEYS;
use super::error::Problem;
use super::member::Key;
use super::member::Printed;
use super::member::sort;
use super::number::Literal;
use super::number::Number;
use super::scan::plain_run;
use super::text::code_unit;
use super::text::join;

/// What Python's `json.loads` skips at the very beginning.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Rewrites a body in a canonical form.
pub(super) fn rewrite<F: Form>(body: &[u8], form: &mut F) -> Result<Vec<u8>, CanonicalError> {
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
        // Room for what nearly every body needs, so that one is read without growing anything.
        out: Vec::with_capacity(body.len() + body.len() / 8),
        keys: 0,
        members: Vec::with_capacity(32),
        sorted: Vec::with_capacity(body.len()),
    };
    match reader.document() {
        Ok(()) => Ok(reader.out),
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
    form: &'a mut F,
    /// What has been printed.
    out: Vec<u8>,
    /// How many keys were read so far.
    keys: usize,
    /// The members of the objects that are still open, the innermost last.
    members: Vec<Printed>,
    /// Where members are put in order.
    sorted: Vec<u8>,
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
            Some(b'"') => self.string().map(|_| ()),
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
            in_order = in_order && self.follows_the_last(&member, first);
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
        let start = self.out.len();
        let is_plain = self.string()?;
        let by_bytes = is_plain && self.form.sorts_plain_keys_by_bytes();
        let key = Key::new(start + 1..self.out.len() - 1, by_bytes, &self.out);
        self.skip_blanks();
        self.copy(b':')?;
        self.skip_blanks();
        self.value(depth)?;
        Ok(Printed {
            start,
            key,
            end: self.out.len(),
        })
    }

    /// Whether a member's key comes after those of its object so far, as all do in a body that was
    /// printed sorted.
    fn follows_the_last(&self, member: &Printed, first: usize) -> bool {
        match self.members[first..].last() {
            Some(last) => last.key.compare(&member.key, &self.out, self.form).is_lt(),
            None => true,
        }
    }

    /// Puts the members of the innermost object in order.
    fn sort_members(&mut self, first: usize) {
        let members = &mut self.members[first..];
        let start = members[0].start;
        sort(members, &self.out, self.form, &mut self.sorted);
        self.out.truncate(start);
        self.out.extend_from_slice(&self.sorted);
    }

    /// Copies a string, and tells whether all of it was plain.
    fn string(&mut self) -> Result<bool, Problem> {
        self.copy(b'"')?;
        let mut is_plain = true;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let run = plain_run(rest);
            self.out.extend_from_slice(&rest[..run]);
            self.at += run;
            match self.peek() {
                Some(b'"') => return self.copy(b'"').map(|()| is_plain),
                Some(b'\\') => self.escape()?,
                Some(..0x20) => return Err(Problem::ControlCharacter),
                Some(_) => self.foreign(),
                None => return Err(Problem::EndsTooSoon),
            }
            is_plain = false;
        }
    }

    /// Characters beyond printable ASCII, which stand for themselves.
    fn foreign(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for char in rest.chars().take_while(|&char| char >= '\u{7f}') {
            self.form.code_point(&mut self.out, u32::from(char));
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
        self.form.code_point(&mut self.out, code_point);
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
        self.form.code_point(&mut self.out, code_point);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Problem> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if let Some(literal) = Literal::at_start_of(rest.as_bytes()) {
            self.form.literal(&mut self.out, literal)?;
            self.at += literal.as_str().len();
            return Ok(());
        }
        let number = Number::at_start_of(rest)?;
        self.form.number(&mut self.out, number)?;
        self.at += number.text.len();
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Problem> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Problem::Unexpected);
        }
        self.out.extend_from_slice(word.as_bytes());
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
                self.out.push(byte);
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
