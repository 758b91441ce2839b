//! JSON, looked at as a strict service looks at it: what it does not know, it refuses.

use serde_json::Value;

/// What is wrong, and where.
pub(crate) type Looked<T = ()> = Result<T, String>;

/// An object that has these members, and of others only those that it may have.
pub(crate) fn object(value: &Value, needs: &[&str], may_have: &[&str]) -> Looked {
    let members = value
        .as_object()
        .ok_or_else(|| format!("no object: {value}"))?;
    for need in needs {
        if !members.contains_key(*need) {
            return Err(format!("`{need}` is missing in {value}"));
        }
    }
    let known = |name: &str| needs.contains(&name) || may_have.contains(&name);
    match members.keys().find(|name| !known(name)) {
        Some(stranger) => Err(format!("`{stranger}` is unknown in {value}")),
        None => Ok(()),
    }
}

/// A text of 1 to so many units of UTF-16.
pub(crate) fn text<'a>(value: &'a Value, name: &str, limit: usize) -> Looked<&'a str> {
    let text = &value[name];
    let text = text
        .as_str()
        .ok_or_else(|| format!("`{name}` is no text: {text}"))?;
    match text.encode_utf16().count() {
        0 => Err(format!("`{name}` is empty")),
        length if length > limit => Err(format!("`{name}` has {length} of {limit} characters")),
        _ => Ok(text),
    }
}

/// A list of 1 to so many items.
pub(crate) fn list<'a>(value: &'a Value, name: &str, limit: usize) -> Looked<&'a [Value]> {
    let items = &value[name];
    let items = items
        .as_array()
        .ok_or_else(|| format!("`{name}` is no list: {items}"))?;
    match items.len() {
        0 => Err(format!("`{name}` is empty")),
        length if length > limit => Err(format!("`{name}` has {length} of {limit} items")),
        _ => Ok(items),
    }
}

/// Exactly this value.
pub(crate) fn is(value: &Value, name: &str, expected: impl Into<Value>) -> Looked {
    let (found, expected) = (&value[name], expected.into());
    if *found == expected {
        Ok(())
    } else {
        Err(format!("`{name}` is {found} and not {expected}"))
    }
}

/// What is wrong, unless this holds.
pub(crate) fn holds(holds: bool, wrong: impl FnOnce() -> String) -> Looked {
    if holds { Ok(()) } else { Err(wrong()) }
}
