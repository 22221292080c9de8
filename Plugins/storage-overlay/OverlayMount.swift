import KenterProtocol
import JSONRPC

/// The mount of a container's root file system.
///
/// The kernel takes the options of a mount as one page. Where absolute paths do not fit, they are relative to ``source``,
/// and whoever mounts must do so from that directory; 127 layers fit then.
struct OverlayMount: Equatable {
    /// The state directory. Overlay ignores a mount's source, so it serves to say where relative paths start.
    let source: String
    let options: [String]

    private static let optionBytesMaximum = 4095

    /// `lower` has the topmost first, relative to the state directory.
    init(stateDirectory: String, containerID: String, lower: [String]) throws(RPCError) {
        source = stateDirectory
        let needsNoEscape = !stateDirectory.utf8.contains { [":", ",", "\\"].contains(UnicodeScalar($0)) }
        let absolute = Self.options(containerID, lower, prefix: "\(stateDirectory)/")
        if needsNoEscape, Self.fits(absolute) {
            options = absolute
            return
        }
        options = Self.options(containerID, lower, prefix: "")
        guard Self.fits(options) else {
            throw RPCError(
                .unsupported, "container \(containerID) has \(lower.count) layers, more than one overlay mount can hold"
            )
        }
    }

    /// Where a container's changes lie, relative to the state directory.
    static func upperDirectory(_ containerID: String) -> String {
        "\(StateDirectory.Area.containers.rawValue)/\(containerID)/upper"
    }

    private static func options(_ containerID: String, _ lower: [String], prefix: String) -> [String] {
        let container = "\(prefix)\(StateDirectory.Area.containers.rawValue)/\(containerID)"
        return [
            "lowerdir=" + lower.map { prefix + $0 }.joined(separator: ":"), "upperdir=\(container)/upper",
            "workdir=\(container)/work",
        ]
    }

    private static func fits(_ options: [String]) -> Bool {
        options.joined(separator: ",").utf8.count <= optionBytesMaximum
    }
}
