//! Spans of time on the command line: a whole number and a unit.

use segno_sim::Duration;

const UNITS: &[(&str, u64)] = &[("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000)];

/// Parses `250ms`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let micros = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, micros)| *micros);
    let number: Option<u64> = number.parse().ok();
    match (number, micros) {
        (Some(number), Some(micros)) => {
            let ticks = number.checked_mul(micros).ok_or("that is longer than time lasts")?;
            Ok(Duration::from_ticks(ticks))
        }
        _ => Err("write a whole number and a unit (us, ms, s, m, h), as in 250ms".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_with_units_are_spans() {
        let micros = |text| parse(text).map(|span| span.as_ticks());
        assert_eq!(micros("3600s"), Ok(3_600_000_000));
        assert_eq!(micros("250ms"), Ok(250_000));
        assert_eq!(micros("7us"), Ok(7));
        assert_eq!(micros("2m"), Ok(120_000_000));
        assert_eq!(micros("1h"), Ok(3_600_000_000));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "5", "1.5s", "-1s", "5 s", "5sec", "99999999999999999999s", "9999999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
