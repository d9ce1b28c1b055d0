//! Roll-ups of one series and hour as one row. A minute is its place in the hour, a bit for each number that is known,
//! and those numbers: each as its difference to the one before of the same kind, in as few bytes as it needs.

use super::minute::{MINUTE_MS, Minute};

/// Numbers of a minute at most.
const NUMBERS: usize = 7;

/// A packed hour that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the roll-ups of the hour {hour} are damaged")]
pub(super) struct Damaged {
    hour: i64,
}

/// Packs minutes of the hour that begins at `hour`, in their order.
pub(super) fn pack(hour: i64, minutes: &[Minute]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = [0; NUMBERS];
    for minute in minutes {
        let numbers = numbers(minute);
        let known = numbers.iter().rev().fold(0, |bits, number| (bits << 1) | u8::from(number.is_some()));
        bytes.push(u8::try_from((minute.t - hour) / MINUTE_MS).unwrap_or(u8::MAX));
        bytes.push(known);
        for (number, before) in numbers.into_iter().zip(&mut before) {
            let Some(number) = number else { continue };
            push(&mut bytes, number.wrapping_sub(*before));
            *before = number;
        }
    }
    bytes
}

/// The minutes that were packed.
///
/// # Errors
/// The bytes are not what [`pack`] writes.
pub(super) fn unpack(hour: i64, bytes: &[u8]) -> Result<Vec<Minute>, Damaged> {
    let mut bytes = bytes.iter().copied();
    let mut before = [0; NUMBERS];
    let mut minutes = Vec::new();
    while let Some(place) = bytes.next() {
        let minute = unpack_minute(hour + i64::from(place) * MINUTE_MS, &mut bytes, &mut before);
        minutes.push(minute.ok_or(Damaged { hour })?);
    }
    Ok(minutes)
}

fn unpack_minute(
    t: i64,
    bytes: &mut impl Iterator<Item = u8>,
    before: &mut [i64; NUMBERS],
) -> Option<Minute> {
    let known = bytes.next()?;
    let mut numbers = [None; NUMBERS];
    for (n, (number, before)) in numbers.iter_mut().zip(before).enumerate() {
        if (known >> n) & 1 == 1 {
            *before = before.wrapping_add(pull(bytes)?);
            *number = Some(*before);
        }
    }
    let [min, max, sum, count, last, increase, covered_ms] = numbers;
    Some(Minute { t, min, max, sum, count: count?, last, increase: increase?, covered_ms: covered_ms? })
}

fn numbers(minute: &Minute) -> [Option<i64>; NUMBERS] {
    let Minute { t: _, min, max, sum, count, last, increase, covered_ms } = *minute;
    [min, max, sum, Some(count), last, Some(increase), Some(covered_ms)]
}

/// Appends a number, seven bits to a byte from the lowest on, the eighth bit where more follow. The sign comes last
/// ("zigzag"), so that small numbers are short on both sides of zero.
fn push(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
    while rest >= 0x80 {
        bytes.push((rest as u8) | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Takes a number off, or `None` where there is none.
fn pull(bytes: &mut impl Iterator<Item = u8>) -> Option<i64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 1_700_000_000_000 / 3_600_000 * 3_600_000;

    fn minute() -> impl Strategy<Value = Minute> {
        let gauge = (any::<Option<i64>>(), any::<Option<i64>>(), any::<Option<i64>>(), any::<Option<i64>>());
        (0i64..60, gauge, any::<i64>(), any::<i64>(), any::<i64>()).prop_map(
            |(n, (min, max, sum, last), count, increase, covered_ms)| Minute {
                t: HOUR + n * MINUTE_MS,
                min,
                max,
                sum,
                count,
                last,
                increase,
                covered_ms,
            },
        )
    }

    proptest! {
        #[test]
        fn given_any_minutes_when_packed_then_they_come_out_as_they_were(
            minutes in prop::collection::vec(minute(), 0..60),
        ) {
            prop_assert_eq!(unpack(HOUR, &pack(HOUR, &minutes)).ok(), Some(minutes));
        }

        #[test]
        fn given_any_bytes_when_unpacked_then_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(HOUR, &bytes);
        }
    }

    #[test]
    fn given_a_steady_hour_when_packed_then_it_takes_ten_bytes_a_minute() {
        let at = |n: i64| Minute {
            t: HOUR + n * MINUTE_MS,
            min: Some(1_000_000 + n),
            max: Some(1_000_050 + n),
            sum: Some(12_000_000 + 12 * n),
            count: 12,
            last: Some(1_000_020 + n),
            increase: 0,
            covered_ms: 60_000,
        };
        let packed = pack(HOUR, &(0..60).map(at).collect::<Vec<_>>());
        assert!(packed.len() < 60 * 10, "{}", packed.len());
        assert!(unpack(HOUR, &packed[..packed.len() - 1]).is_err());
    }
}
