//! 通道: envelope, signature and HTTP. A message whose answer does not come is sent again,
//! byte for byte, until it does or patience ends: the centre promises the same answer.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use terms::DateTime;

use super::body::Node;
use super::books::Books;
use super::goods::{self, Mornings};
use super::{HisOptions, Transport};
use crate::{City, CityError};

/// What all clients share.
pub(super) struct Shared<'a> {
    pub(super) city: &'a City,
    pub(super) options: &'a HisOptions,
    pub(super) books: Books,
    /// What is reported of goods each morning.
    pub(super) mornings: Mornings,
    /// Institutions by code.
    places: HashMap<&'a str, usize>,
    /// 签到编号 of the day, by institution.
    signs: Vec<Mutex<String>>,
    counters: Vec<AtomicU32>,
    nonces: AtomicU64,
    started: u128,
}

impl<'a> Shared<'a> {
    pub(super) fn new(city: &'a City, options: &'a HisOptions) -> Shared<'a> {
        let institutions = city.institutions();
        Shared {
            city,
            options,
            books: Books::default(),
            mornings: if options.goods { goods::mornings(city) } else { Mornings::new() },
            places: institutions.iter().enumerate().map(|(at, i)| (i.code.as_str(), at)).collect(),
            signs: institutions.iter().map(|_| Mutex::default()).collect(),
            counters: institutions.iter().map(|_| AtomicU32::new(0)).collect(),
            nonces: AtomicU64::new(0),
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos()),
        }
    }

    /// A number that nobody uses again.
    pub(super) fn nonce(&self) -> String {
        format!("{:x}-{:x}", self.started, self.nonces.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn place(&self, code: &str) -> usize {
        self.places.get(code).copied().unwrap_or(0)
    }

    pub(super) fn signed_in(&self, place: usize, number: String) {
        if let Ok(mut sign) = self.signs[place].lock() {
            *sign = number;
        }
    }

    /// 报文ID: institution (12), time (14), sequence (4). The sequence counts an institution's
    /// messages to the base 36, so that no two of one second are alike.
    pub(super) fn message_id(&self, place: usize, at: DateTime) -> String {
        let mut left = self.counters[place].fetch_add(1, Ordering::Relaxed);
        let mut sequence = [b'0'; 4];
        for digit in sequence.iter_mut().rev() {
            *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(left % 36).unwrap_or(0)];
            left /= 36;
        }
        let code = &self.city.institutions()[place].code;
        format!("{code}{}{}", at.strftime("%Y%m%d%H%M%S"), String::from_utf8_lossy(&sequence))
    }

    /// The whole request body of a message.
    pub(super) fn envelope(&self, place: usize, infno: &str, msgid: &str, at: DateTime, input: &str) -> String {
        let institution = &self.city.institutions()[place];
        let sign = self.signs[place].lock().map(|sign| sign.clone()).unwrap_or_default();
        let node = Node::new().text("infno", infno).text("msgid", msgid).text("mdtrtarea_admvs", &institution.area);
        let node = node.text("insuplc_admdvs", self.city.area()).text("recer_sys_code", "YBXT").text("dev_no", "");
        let node = node.text("dev_safe_info", "").text("cainfo", "").text("signtype", "").text("infver", "V1.0");
        let node = node.text("opter_type", "1").text("opter", "001").text("opter_name", "收费员");
        let node = node.time("inf_time", at).text("fixmedins_code", &institution.code);
        node.text("fixmedins_name", &institution.name).text("sign_no", sign).raw("input", input).done()
    }

    /// The headers of the chosen transport.
    fn headers(&self, place: usize) -> Vec<(&'static str, String)> {
        let Transport::Tif(keys) = &self.options.transport else {
            return Vec::new();
        };
        let code = &self.city.institutions()[place].code;
        let Some((paasid, secret)) = keys.get(code).or_else(|| keys.get("")) else {
            return Vec::new();
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        let nonce = self.nonce();
        vec![
            ("x-tif-paasid", paasid.clone()),
            ("x-tif-signature", tif_signature(&now, secret, &nonce)),
            ("x-tif-timestamp", now),
            ("x-tif-nonce", nonce),
        ]
    }
}

/// Lower-hex SHA-256 of timestamp + secret + nonce + timestamp.
fn tif_signature(timestamp: &str, secret: &str, nonce: &str) -> String {
    let hash = Sha256::digest(format!("{timestamp}{secret}{nonce}{timestamp}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One connection of a client thread.
pub(super) struct Channel {
    agent: ureq::Agent,
}

impl Channel {
    pub(super) fn new() -> Channel {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Channel { agent: config.into() }
    }

    /// Sends a body until an answer comes; the answer's bytes and how long the last try took.
    pub(super) fn send(
        &self,
        shared: &Shared<'_>,
        place: usize,
        infno: &str,
        body: &str,
    ) -> Result<(Vec<u8>, Duration), CityError> {
        let url = format!("{}{}", shared.options.base_url, shared.options.path);
        let begun = Instant::now();
        loop {
            let tried = Instant::now();
            let problem = match self.once(shared, place, &url, body) {
                Ok(bytes) => return Ok((bytes, tried.elapsed())),
                Err(problem) => problem,
            };
            if begun.elapsed() > shared.options.patience {
                return Err(CityError::Centre { infno: infno.to_owned(), url, problem });
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// A telephone draws a code: the answer, or the centre's words why not. Each telephone has an address of
    /// its own, as it would behind the centre's proxy.
    pub(super) fn draw(
        &self,
        shared: &Shared<'_>,
        address: Ipv4Addr,
        body: &str,
    ) -> Result<Result<Value, String>, CityError> {
        let url = format!("{}/api/console/v1/credential/codes", shared.options.base_url);
        let failed = |problem: String| CityError::Centre { infno: "code".to_owned(), url: url.clone(), problem };
        let request = self.agent.post(&url).header("content-type", "application/json");
        let request = request.header("x-forwarded-for", address.to_string());
        let mut response = request.send(body.as_bytes()).map_err(|cause| failed(cause.to_string()))?;
        let bytes = response.body_mut().read_to_vec().map_err(|cause| failed(cause.to_string()))?;
        if response.status().as_u16() != 200 {
            return Ok(Err(String::from_utf8_lossy(&bytes).chars().take(300).collect()));
        }
        serde_json::from_slice(&bytes).map(Ok).map_err(|cause| failed(cause.to_string()))
    }

    fn once(&self, shared: &Shared<'_>, place: usize, url: &str, body: &str) -> Result<Vec<u8>, String> {
        let mut request = self.agent.post(url).header("content-type", "application/json; charset=utf-8");
        for (name, value) in shared.headers(place) {
            request = request.header(name, value);
        }
        let mut response = request.send(body.as_bytes()).map_err(|cause| cause.to_string())?;
        let bytes = response.body_mut().read_to_vec().map_err(|cause| cause.to_string())?;
        match response.status().as_u16() {
            200 => Ok(bytes),
            status => {
                let words: String = String::from_utf8_lossy(&bytes).chars().take(200).collect();
                Err(format!("HTTP {status}: {words}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CityOptions, RegionFiles};
    use std::path::Path;

    #[test]
    fn the_tif_signature_is_that_of_the_gateway() {
        // printf 1700000000secretnonce1700000000 | sha256sum
        let expected = "79b5fa2ac51a4476d25251a32c9766e6f5bb966021ef6df3778a72fb07039ee4";
        assert_eq!(tif_signature("1700000000", "secret", "nonce"), expected);
    }

    #[test]
    fn message_ids_have_thirty_characters_and_never_repeat() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let city = City::new(CityOptions { people: 1000, ..CityOptions::default() }, &region).unwrap();
        let options = HisOptions::plain("http://127.0.0.1:1");
        let shared = Shared::new(&city, &options);
        let at = jiff::civil::datetime(2026, 7, 1, 9, 0, 5, 0);
        let ids: std::collections::HashSet<String> = (0..5000).map(|_| shared.message_id(0, at)).collect();
        assert_eq!(ids.len(), 5000);
        let code = &city.institutions()[0].code;
        assert!(ids.iter().all(|id| id.len() == 30 && id.starts_with(&format!("{code}20260701090005"))));
    }
}
