/// This program's own version.
enum ClientVersion {
    static let text = "0.1.0"
}
