/// What a plugin can be for the engine.
enum PluginRole: String {
    case network, storage, link

    /// The role that a method belongs to, by its noun.
    init?(method: String) {
        let words = method.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "provider" else { return nil }
        switch words[1] {
        case "network": self = .network
        case "layer", "rootfs", "volume": self = .storage
        case "link": self = .link
        default: return nil
        }
    }
}
