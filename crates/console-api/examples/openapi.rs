//! Prints the description of the console's interface:
//! `cargo run -p console-api --example openapi > crates/console-api/openapi.json`.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&console_api::openapi())?);
    Ok(())
}
