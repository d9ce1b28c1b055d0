//! Makes the files a browser loads and puts them into the binary: the style sheet (style/ and the Tailwind
//! utilities that the pages name), the browser half of the app (made before by scripts/build-wasm.sh, in the
//! folder that WEIR_WASM_DIR names) and public/. Each gets a name with a hash of its content and is compressed
//! here once, so that the server only hands out bytes.

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use encre_css::{Config, Preflight, Scanner};
use sha2::{Digest as _, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A file as it will be served.
struct Asset {
    /// What the constant in the table is called: `CSS`, `JS`, `WASM`, or empty.
    constant: &'static str,
    stem: String,
    extension: String,
    bytes: Vec<u8>,
}

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("assets");
    fs::create_dir_all(&out)?;
    for watched in ["style", "app/src", "public"] {
        println!("cargo:rerun-if-changed={}", root.join(watched).display());
    }

    let mut assets = vec![style_sheet(&root)?];
    assets.extend(browser_half()?);
    assets.extend(public_files(&root.join("public"))?);
    let table = write_assets(&assets, &out)?;
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// style/weir.css with its imports, then the utilities.
fn style_sheet(root: &Path) -> Result<Asset> {
    let mut css = String::new();
    for line in fs::read_to_string(root.join("style/weir.css"))?.lines() {
        if let Some(name) = line.strip_prefix("@import \"").and_then(|l| l.strip_suffix("\";")) {
            css.push_str(&fs::read_to_string(root.join("style").join(name))?);
        }
    }
    let sources = sources_below(&root.join("app/src"))?;
    let config = utilities_config(component_classes(&css));
    css.push_str(&encre_css::generate(sources.iter().map(String::as_str), &config));
    Ok(Asset {
        constant: "CSS",
        stem: "weir".to_owned(),
        extension: "css".to_owned(),
        bytes: css.into_bytes(),
    })
}

/// Utilities without a reset (base.css is ours), and none with the name of a component: a table cell's class
/// "fixed" must not become `position: fixed`.
fn utilities_config(components: BTreeSet<String>) -> Config {
    let mut config = Config::default();
    config.preflight = Preflight::None;
    config.scanner = Scanner::from_fn(move |source| {
        source
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
            .filter(|word| !word.is_empty() && !components.contains(*word))
            .collect()
    });
    config
}

/// The class names that a style sheet defines.
fn component_classes(css: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rule in css.split('}') {
        let selector = rule.split('{').next_back().map_or("", |body| rule.strip_suffix(body).unwrap_or(""));
        for part in selector.split('.').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            names.insert(name);
        }
    }
    names
}

/// The text of every Rust file below a folder, in a stable order.
fn sources_below(folder: &Path) -> Result<Vec<String>> {
    let mut entries = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    entries.sort();
    let mut sources = Vec::new();
    for path in entries {
        if path.is_dir() {
            sources.extend(sources_below(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs") {
            sources.push(fs::read_to_string(path)?);
        }
    }
    Ok(sources)
}

/// What wasm-bindgen made, or nothing: then the pages are plain HTML, which still shows and does everything
/// except live updates.
fn browser_half() -> Result<Vec<Asset>> {
    println!("cargo:rerun-if-env-changed=WEIR_WASM_DIR");
    let folder = env::var("WEIR_WASM_DIR").unwrap_or_default();
    if folder.is_empty() {
        println!(
            "cargo:warning=built without the browser half: set WEIR_WASM_DIR (see scripts/build-wasm.sh)"
        );
        return Ok(Vec::new());
    }
    let read = |file: &str, constant, extension: &str| -> Result<Asset> {
        let path = Path::new(&folder).join(file);
        println!("cargo:rerun-if-changed={}", path.display());
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Asset { constant, stem: "weir".to_owned(), extension: extension.to_owned(), bytes })
    };
    Ok(vec![read("weir.js", "JS", "js")?, read("weir_bg.wasm", "WASM", "wasm")?])
}

fn public_files(folder: &Path) -> Result<Vec<Asset>> {
    let mut paths = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    paths
        .into_iter()
        .map(|path| {
            let stem = text(path.file_stem());
            let constant = if stem == "favicon" { "ICON" } else { "" };
            Ok(Asset { constant, stem, extension: text(path.extension()), bytes: fs::read(&path)? })
        })
        .collect()
}

/// Writes each file, raw and compressed, and answers the Rust text of the table of them.
fn write_assets(assets: &[Asset], out: &Path) -> Result<String> {
    let release = env::var("PROFILE")? == "release";
    let mut rows = String::new();
    let mut constants = String::new();
    let mut missing = BTreeSet::from(["CSS", "JS", "WASM", "ICON"]);
    for asset in assets {
        let hash = hash_of(&asset.bytes);
        let name = format!("{}-{hash}.{}", asset.stem, asset.extension);
        fs::write(out.join(&name), &asset.bytes)?;
        fs::write(out.join(format!("{name}.br")), brotli(&asset.bytes, release)?)?;
        fs::write(out.join(format!("{name}.gz")), gzip(&asset.bytes, release)?)?;
        let kind = content_type(&asset.extension)?;
        writeln!(
            rows,
            "    Asset {{ path: \"/assets/{name}\", content_type: \"{kind}\", hash: \"{hash}\", \
             raw: include_bytes!(\"{name}\"), br: include_bytes!(\"{name}.br\"), \
             gz: include_bytes!(\"{name}.gz\") }},"
        )?;
        if missing.remove(asset.constant) {
            writeln!(constants, "const {}: Option<&str> = Some(\"/assets/{name}\");", asset.constant)?;
        }
    }
    for constant in missing {
        writeln!(constants, "const {constant}: Option<&str> = None;")?;
    }
    Ok(format!("static ASSETS: &[Asset] = &[\n{rows}];\n{constants}"))
}

/// Enough of the content's SHA-256 to name it.
fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn content_type(extension: &str) -> Result<&'static str> {
    Ok(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        other => return Err(format!("no content type is known for .{other}").into()),
    })
}

/// Best for a release; fast for a build that is run once.
fn brotli(bytes: &[u8], best: bool) -> Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, if best { 11 } else { 1 }, 22);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

fn gzip(bytes: &[u8], best: bool) -> Result<Vec<u8>> {
    let level = if best { flate2::Compression::best() } else { flate2::Compression::fast() };
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
