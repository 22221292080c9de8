import ChildProcess
import JSONRPC
import KenterProtocol

/// The small first process of `--init`, which reaps orphans and passes signals on: a program of the host, bound into the
/// container.
enum ContainerInit {
    /// Where the container sees it.
    static let target = "/run/kenter/init"

    /// The host's: both are linked statically, so that they run on any root filesystem. Fails with what to install.
    static func find() throws(RPCError) -> String {
        guard let path = ChildProcess.find("catatonit") ?? ChildProcess.find("tini-static") else {
            throw RPCError(
                .unsupported, "--init needs a program to be the init: install the package 'catatonit' or leave it out")
        }
        return path
    }

    /// The command as it runs below the init.
    static func arguments(_ command: [String]) -> [String] { [target, "--"] + command }

    static func mount() throws(RPCError) -> ContainerMount { .bind(try find(), to: target, readOnly: true) }
}
