//! A gateway of region 999900 whose adapters answer with the checked message itself, so that
//! a test sees exactly what an adapter would get.

use gateway::{Answer, Catalogue, Config, Declined, Gateway, Keys, Post, Request, Transaction};
use std::net::IpAddr;

struct Echo(&'static str);

impl Transaction for Echo {
    fn infno(&self) -> &'static str {
        self.0
    }

    fn handle(&self, request: &Request<'_>) -> Result<Answer, Declined> {
        Ok(Answer::Kept(request.message.normalised()))
    }
}

/// Every transaction that the catalogue knows, but 5205, which stays unserved here.
pub fn gateway(config: Config) -> Gateway {
    let region = concat!(env!("CARGO_MANIFEST_DIR"), "/../../regions/999900/interface.toml");
    let bends = std::fs::read_to_string(region).expect("the region bends the interface");
    let catalogue = Catalogue::national().bent_by(&bends).unwrap_or_else(|error| panic!("{error}"));
    let numbers: Vec<&'static str> = catalogue
        .interfaces()
        .filter(|known| known.infno != "5205")
        .map(|known| &*known.infno.clone().leak())
        .collect();
    let echoes = numbers.into_iter().map(|infno| Box::new(Echo(infno)) as Box<dyn Transaction>).collect();
    let keys = Keys::parse(
        "[[key]]\nchannel = \"x-tif\"\nid = \"h1\"\nsecret = \"test-secret\"\ninstitution = \"H99990000001\"\n\
         [[key]]\nchannel = \"csb\"\nid = \"h1\"\nsecret = \"test-secret\"\ninstitution = \"H99990000001\"\n\
         [[key]]\nchannel = \"x-tif\"\nid = \"suite\"\nsecret = \"suite-secret\"\nany_institution = true",
    );
    Gateway::new(config, catalogue, echoes, Box::new(keys.expect("test keys")))
}

/// Posts a body; the clock stands at 2026-03-09 16:00:05 in the region.
pub fn post(gateway: &Gateway, path: &str, headers: &[(String, String)], body: &[u8], peer: &str) -> (String, String) {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let received = jiff::civil::datetime(2026, 3, 9, 16, 0, 5, 0).to_zoned(zone).expect("a time");
    let peer: IpAddr = peer.parse().expect("an address");
    let answered = gateway.answer(&Post { path, headers, body, peer, received });
    match answered.body {
        gateway::Body::Json(text) => (answered.code, text),
        gateway::Body::File { name, .. } => (answered.code, name),
    }
}
