//! Bodies as nobody would write them, to hold our reading of JSON against that of others.

use proptest::prelude::*;

/// JSON in every spelling that a reader of JSON takes, and some that only Python takes (`NaN`).
pub(crate) fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "true",
        "false",
        "null",
        "NaN",
        "Infinity",
        "-Infinity",
    ]);
    let leaf = prop_oneof![
        4 => string(),
        4 => number(),
        1 => word.prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 80, 8, |inner| {
        let spaced = (blanks(), inner, blanks())
            .prop_map(|(before, value, after)| format!("{before}{value}{after}"))
            .boxed();
        let member = (blanks(), string(), blanks(), spaced.clone())
            .prop_map(|(before, key, after, value)| format!("{before}{key}{after}:{value}"));
        prop_oneof![
            1 => prop::collection::vec(spaced, 0..8)
                .prop_map(|items| format!("[{}]", items.join(","))),
            2 => prop::collection::vec(member, 0..8)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// The same with some bytes changed, so that many are no JSON any more.
pub(crate) fn broken() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), byte(), 0..3);
    (json(), prop::collection::vec(change, 0..4)).prop_map(|(json, changes)| {
        let mut bytes = json.into_bytes();
        for (index, byte, kind) in changes {
            let at = index.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => {
                    bytes.remove(at);
                }
                _ => bytes.push(byte),
            }
        }
        bytes
    })
}

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        8 => prop::sample::select(b"{}[]\",:\\ue0123456789.+-truefalsenNaIity \n\x00\x1f\x7f".to_vec()),
        1 => any::<u8>(),
    ]
}

fn blanks() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \t\r\n]{1,3}"]
}

/// A string: few letters, so that keys repeat and share beginnings, and every kind of escape.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[ab19A_/]{1,3}",
        2 => any::<char>().prop_filter("must be escaped", |char| {
            *char >= ' ' && *char != '"' && *char != '\\'
        }).prop_map(String::from),
        1 => prop::sample::select(vec!["\u{7f}", "\u{2028}", "\u{ffff}", "\u{ff5e}", "😀", "é"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(br#""\/bfnrt"#.to_vec())
            .prop_map(|byte| format!("\\{}", char::from(byte))),
        1 => any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")),
        1 => (0xd7f0..0xe010_u16).prop_map(|unit| format!("\\u{unit:04X}")),
        1 => (0xd800..0xdc00_u16, 0xdc00..0xe000_u16)
            .prop_map(|(high, low)| format!("\\u{high:04x}\\u{low:04X}")),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// A number in every spelling: exact, rounded, huge, tiny, and just between two doubles.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,25})",
        "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,25}",
        "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,6})?[eE][-+]?[0-9]{1,3}",
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(|n| format!("{n:e}")),
        // Without a filter: one that lets little through ends a long run as too choosy.
        (-10.0..10.0_f64, -40..40_i32)
            .prop_map(|(n, power)| format!("{:?}", n * 10_f64.powi(power))),
        (-8..24_i32, 1..10_000_u32).prop_map(|(power, n)| format!("{n}e{power}")),
        (1_u64 << 52..1 << 55).prop_map(|n| n.to_string()),
        (1_u64 << 52..1 << 54).prop_map(|n| format!("{n}.5")),
        prop::sample::select(vec![
            "-0",
            "-0.0",
            "0e0",
            "1e400",
            "-1e400",
            "1e-400",
            "5e-324",
            "2.5e-324",
            "1e15",
            "1e16",
            "1e21",
            "1e-5",
            "1e-7",
            "9007199254740993",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
        ])
        .prop_map(str::to_owned),
    ]
}
