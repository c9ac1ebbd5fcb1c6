//! Counts for `/metrics`, by transaction and outcome; never by person or institution.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

/// Upper ends of the time buckets, in milliseconds.
const BUCKETS_MS: [u64; 8] = [1, 5, 10, 50, 100, 500, 1000, 5000];

#[derive(Default)]
struct Series {
    buckets: [u64; BUCKETS_MS.len()],
    count: u64,
    sum: Duration,
}

/// Messages answered so far.
#[derive(Default)]
pub struct Metrics(Mutex<BTreeMap<(String, String), Series>>);

impl Metrics {
    /// Counts one answer; `code` is `ok` or the refusal's code.
    pub fn count(&self, infno: &str, code: &str, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let series = all.entry((infno.to_owned(), code.to_owned())).or_default();
        for (bucket, end) in series.buckets.iter_mut().zip(BUCKETS_MS) {
            *bucket += u64::from(took <= Duration::from_millis(end));
        }
        series.count += 1;
        series.sum += took;
    }

    /// The counts in the Prometheus text format.
    pub fn text(&self) -> String {
        let all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut out = String::from("# TYPE heng_gateway_seconds histogram\n");
        for ((infno, code), series) in all.iter() {
            let labels = format!("infno=\"{infno}\",code=\"{code}\"");
            let mut line = |text: String| writeln!(out, "heng_gateway_seconds{text}").expect("a string takes any text");
            for (count, end) in series.buckets.iter().zip(BUCKETS_MS) {
                line(format!("_bucket{{{labels},le=\"{}.{:03}\"}} {count}", end / 1000, end % 1000));
            }
            line(format!("_bucket{{{labels},le=\"+Inf\"}} {}", series.count));
            line(format!("_sum{{{labels}}} {}.{:06}", series.sum.as_secs(), series.sum.subsec_micros()));
            line(format!("_count{{{labels}}} {}", series.count));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_transaction_and_outcome() {
        let metrics = Metrics::default();
        metrics.count("2207", "ok", Duration::from_millis(3));
        metrics.count("2207", "ok", Duration::from_millis(30));
        let text = metrics.text();
        assert!(text.contains("heng_gateway_seconds_bucket{infno=\"2207\",code=\"ok\",le=\"0.005\"} 1"), "{text}");
        assert!(text.contains("heng_gateway_seconds_count{infno=\"2207\",code=\"ok\"} 2"));
        assert!(text.contains("heng_gateway_seconds_sum{infno=\"2207\",code=\"ok\"} 0.033000"));
    }
}
