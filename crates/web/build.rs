//! The pages are built by another tool; says so if that has not been done.

fn main() {
    let pages = "../../web-ui/dist/index.html";
    println!("cargo:rerun-if-changed={pages}");
    assert!(
        std::path::Path::new(pages).exists(),
        "the pages are not built yet: run ./scripts/setup, or `npm ci && npm run build` in web-ui"
    );
}
