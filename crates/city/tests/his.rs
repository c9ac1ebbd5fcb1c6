//! The hospital systems, as far as they can be tried without a centre.

use std::path::Path;
use std::time::{Duration, Instant};

use city::his::{HisOptions, Pace, Silent, run};
use city::{City, CityError, CityOptions, RegionFiles};

#[test]
fn a_centre_that_cannot_be_reached_is_an_error_soon_after_patience_ends() {
    let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
    let city = City::new(CityOptions { people: 1_000, days: 1, ..CityOptions::default() }, &region).unwrap();
    // A port that was free a moment ago and has no listener now.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = HisOptions {
        clients: 3,
        pace: Pace::Full,
        patience: Duration::from_millis(300),
        ..HisOptions::plain(format!("http://127.0.0.1:{port}"))
    };
    let begun = Instant::now();
    let error = run(&city, &options, &Silent).unwrap_err();
    assert!(matches!(error, CityError::Centre { .. }), "{error}");
    assert!(error.to_string().contains("9001"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}
