//! 限流: how fast requests may come, in one place. A desk at work, a demo and a browser test stay
//! far below; who tries passwords or copies the registers does not.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::identify::is_sign_in;
use crate::frame::{COOKIE, Console, Problem};

/// How many requests at once, and how many a minute from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At once.
    pub burst: NonZeroU32,
    /// A minute.
    pub a_minute: NonZeroU32,
}

/// The paces of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paces {
    /// Of one address; many desks may stand behind it.
    pub address: Pace,
    /// Of one session.
    pub session: Pace,
    /// Attempts to sign in from one address.
    pub sign_in: Pace,
}

impl Default for Paces {
    fn default() -> Paces {
        let pace = |burst, a_minute| Pace {
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
            a_minute: NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN),
        };
        Paces { address: pace(2_000, 12_000), session: pace(1_200, 6_000), sign_in: pace(60, 60) }
    }
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, DefaultClock>;

/// Who came how often.
pub struct Limits {
    address: Limiter,
    session: Limiter,
    sign_in: Limiter,
    asked: AtomicU32,
}

/// After so many requests those who have long been quiet are forgotten.
const SWEEP_EVERY: u32 = 10_000;

impl Limits {
    /// Nobody has come yet.
    #[must_use]
    pub fn new(paces: Paces) -> Limits {
        let limiter = |pace: Pace| {
            let between = Duration::from_secs(60) / pace.a_minute.get();
            let quota = Quota::with_period(between).unwrap_or_else(|| Quota::per_minute(pace.a_minute));
            RateLimiter::hashmap(quota.allow_burst(pace.burst))
        };
        let Paces { address, session, sign_in } = paces;
        Limits {
            address: limiter(address),
            session: limiter(session),
            sign_in: limiter(sign_in),
            asked: AtomicU32::new(0),
        }
    }

    /// Seconds to wait, when it was too much.
    fn check(&self, address: Option<IpAddr>, session: Option<&str>, signing_in: bool) -> Result<(), u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            [&self.address, &self.session, &self.sign_in].into_iter().for_each(RateLimiter::retain_recent);
        }
        let pass = |limiter: &Limiter, key: &String| {
            let checked = limiter.check_key(key);
            checked.map_err(|wait| wait.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
        };
        if let Some(address) = address.map(|address| address.to_string()) {
            pass(&self.address, &address)?;
            if signing_in {
                pass(&self.sign_in, &address)?;
            }
        }
        session.map_or(Ok(()), |token| pass(&self.session, &access::token_hash(token)))
    }
}

/// Refuses what comes too fast, before anything is asked of the registers.
pub async fn slow(State(console): State<Console>, jar: CookieJar, request: Request, next: Next) -> Response {
    let signing_in = request.method() == Method::POST && is_sign_in(request.uri().path());
    let token = jar.get(COOKIE).map(|cookie| cookie.value().to_owned());
    match console.entry().limits.check(address_of(&request), token.as_deref(), signing_in) {
        Ok(()) => next.run(request).await,
        Err(seconds) => Problem::too_fast(seconds).into_response(),
    }
}

/// Who is on the other side. A proxy on this machine says whom it speaks for; nobody else is
/// believed. Of an IPv6 address the network counts, since one house has all of its addresses.
fn address_of(request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())?;
    let told = request.headers().get_all("x-forwarded-for").iter().next_back();
    let told = told.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let address = told.filter(|_| peer.is_loopback()).unwrap_or(peer);
    Some(match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            IpAddr::V6(std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        other => other.to_canonical(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn few() -> Limits {
        let pace = |burst| Pace { burst: NonZeroU32::new(burst).unwrap(), a_minute: NonZeroU32::new(6).unwrap() };
        Limits::new(Paces { address: pace(3), session: pace(2), sign_in: pace(1) })
    }

    #[test]
    fn each_address_and_each_session_has_its_own_pace() {
        let (limits, here, there) = (few(), "10.0.0.1".parse().ok(), "10.0.0.2".parse().ok());
        assert_eq!((0..3).map(|_| limits.check(here, None, false)).collect::<Vec<_>>(), [Ok(()); 3]);
        assert!(limits.check(here, None, false).is_err_and(|wait| (1..=10).contains(&wait)));
        assert_eq!(limits.check(there, Some("token"), false), Ok(()));
        assert_eq!(limits.check(None, Some("token"), false), Ok(()));
        assert!(limits.check(None, Some("token"), false).is_err());
        assert_eq!(limits.check(None, Some("another"), false), Ok(()));
    }

    #[test]
    fn signing_in_has_a_slower_pace() {
        let (limits, here) = (few(), "10.0.0.1".parse().ok());
        assert_eq!(limits.check(here, None, true), Ok(()));
        assert!(limits.check(here, None, true).is_err());
        assert_eq!(limits.check(here, None, false), Ok(()));
    }

    #[test]
    fn only_a_proxy_of_this_machine_is_believed() {
        let request = |peer: &str, told: &str| {
            let peer: std::net::SocketAddr = peer.parse().unwrap();
            let request = axum::http::Request::get("/").header("x-forwarded-for", told);
            address_of(&request.extension(ConnectInfo(peer)).body(axum::body::Body::empty()).unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(request("127.0.0.1:9", "6.6.6.6, 10.1.1.1"), "10.1.1.1");
        assert_eq!(request("10.9.9.9:9", "10.1.1.1"), "10.9.9.9");
        assert_eq!(request("127.0.0.1:9", "nonsense"), "127.0.0.1");
        assert_eq!(request("[2001:db8::1:2:3:4]:9", ""), "2001:db8::");
    }
}
