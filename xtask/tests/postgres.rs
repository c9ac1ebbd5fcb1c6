//! The throw-away PostgreSQL: it serves, and nothing of it is left behind.

use std::net::TcpStream;
use xtask::files;
use xtask::postgres::{Purpose, Server};

#[test]
fn a_server_answers_on_loopback_and_leaves_nothing_behind() {
    let server = Server::start(&files::root(), Purpose::Tests).expect("PostgreSQL starts");
    let port = server.port();
    assert_eq!(server.url(), format!("postgres://heng@127.0.0.1:{port}/postgres"));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok(), "nobody answers on port {port}");
    let folder = server.folder().to_path_buf();
    assert!(folder.join("data/PG_VERSION").exists());
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "someone still answers on port {port}");
    assert!(!folder.exists(), "{} is still there", folder.display());
}
