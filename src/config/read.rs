//! Reads typed sections from nodes, so that every error knows its key and its line.

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::EnumAccess;
use serde::de::Error as _;
use serde::de::IntoDeserializer as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Unexpected;
use serde::de::VariantAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde::de::value::StrDeserializer;
use serde::forward_to_deserialize_any;

use super::fault::Fault;
use super::node::Node;
use super::node::Value;

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Date(_) => Err(Fault::invalid_type(Unexpected::Other("a date"), &visitor)),
            Value::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Table(table) => visitor.visit_map(Entries::new(table)),
        }
        .map_err(|fault| fault.read_from(&self.origin))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|fault| fault.read_from(&self.origin))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Text(word) => visitor
                .visit_enum(word.as_str().into_deserializer())
                .map_err(|fault: Fault| fault.read_from(&self.origin)),
            Value::Table(table) => visitor
                .visit_enum(Tagged(table))
                .map_err(|fault| fault.read_from(&self.origin)),
            _ => Err(Fault::invalid_type(self.unexpected(), &"a word").read_from(&self.origin)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl Node {
    /// A fault of this value, also one that was found only after it was read.
    fn explain(&self, fault: Fault) -> Fault {
        let fault = fault.read_from(&self.origin);
        match &self.value {
            Value::Text(text) => fault.without(text, &self.origin),
            _ => fault,
        }
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match &self.value {
            Value::Text(text) => Unexpected::Str(text),
            Value::Integer(number) => Unexpected::Signed(*number),
            Value::Float(number) => Unexpected::Float(*number),
            Value::Boolean(boolean) => Unexpected::Bool(*boolean),
            Value::Date(_) => Unexpected::Other("a date"),
            Value::List(_) => Unexpected::Seq,
            Value::Table(_) => Unexpected::Map,
        }
    }
}

/// The items of a list; a fault in one gets its number.
struct Items<'de>(std::iter::Enumerate<std::slice::Iter<'de, Node>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, node)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(node)
            .map(Some)
            .map_err(|fault| node.explain(fault).item(index))
    }
}

/// The entries of a table; a fault in one gets its key.
struct Entries<'de> {
    rest: std::slice::Iter<'de, (String, Node)>,
    current: Option<&'de (String, Node)>,
    skips_tag: bool,
}

impl<'de> Entries<'de> {
    fn new(table: &'de [(String, Node)]) -> Self {
        Self {
            rest: table.iter(),
            current: None,
            skips_tag: false,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.current = self.rest.next();
        if self.skips_tag && matches!(self.current, Some((key, _)) if key == TAG) {
            self.current = self.rest.next();
        }
        let Some((key, node)) = self.current else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Fault> = key.as_str().into_deserializer();
        seed.deserialize(key)
            .map(Some)
            .map_err(|fault| fault.read_from(&node.origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, node)) = self.current else {
            return Err(Fault::custom("a value was asked for before its key"));
        };
        seed.deserialize(node)
            .map_err(|fault| node.explain(fault).under(key))
    }
}

/// The key whose value says which variant a table is.
const TAG: &str = "type";

/// A table that is a variant of an enum: `type` names it, the other keys are its content.
///
/// Serde's own `tag` would do the same, but it copies the table first and loses the keys' names.
struct Tagged<'de>(&'de [(String, Node)]);

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let Some((_, tag)) = self.0.iter().find(|(key, _)| key == TAG) else {
            return Err(Fault::missing_field(TAG));
        };
        let variant = seed.deserialize(tag).map_err(|fault| fault.under(TAG))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(MapAccessDeserializer::new(self.content()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self.content())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(self.content())
    }
}

impl<'de> Tagged<'de> {
    fn content(self) -> Entries<'de> {
        Entries {
            skips_tag: true,
            ..Entries::new(self.0)
        }
    }
}
