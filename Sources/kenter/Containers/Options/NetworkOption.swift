import KenterProtocol

/// `--network NAME` or `--network name=NAME,alias=OTHER,ip=10.1.0.5`, each network on its own.
enum NetworkOption {
    static func membership(_ text: String) throws(OptionError) -> MembershipRequest {
        guard text.contains("=") else { return MembershipRequest(network: text) }
        func invalid(_ detail: String) -> OptionError { OptionError(text, for: "--network", detail) }
        var request = MembershipRequest(network: "")
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else { throw invalid("invalid field \(field)") }
            switch parts[0].lowercased() {
            case "name": request.network = parts[1]
            case "alias": request.aliases = (request.aliases ?? []) + [parts[1]]
            case "ip": request.ip = parts[1]
            case "ip6": request.ip6 = parts[1]
            default: throw invalid("invalid field key \(parts[0]): use name, alias, ip and ip6")
            }
        }
        if request.network.isEmpty { throw invalid("network name/id is not specified") }
        return request
    }
}
