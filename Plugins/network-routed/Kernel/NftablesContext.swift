import CNFTables
import CLinux
import Glibc

/// What libnftables refused.
struct NftablesError: Error, CustomStringConvertible {
    var description: String
}

/// A libnftables context: runs commands in this process, each buffer as one transaction.
///
/// It is not safe for two threads at a time; its owner is an actor.
struct NftablesContext: ~Copyable {
    private let context: OpaquePointer

    /// Works in the network namespace of the calling thread.
    init() throws(NftablesError) {
        guard let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw NftablesError(description: "libnftables cannot start: \(String(cString: strerror(errno)))")
        }
        self.context = context
        nft_ctx_buffer_output(context)
        nft_ctx_buffer_error(context)
    }

    deinit { nft_ctx_free(context) }

    /// Runs a transaction and returns what it prints.
    @discardableResult
    func run(_ script: String, json: Bool = false) throws(NftablesError) -> String {
        var flags = UInt32(NFT_CTX_OUTPUT_TERSE | NFT_CTX_OUTPUT_NUMERIC_PRIO)
        if json { flags |= UInt32(NFT_CTX_OUTPUT_JSON) }
        nft_ctx_output_set_flags(context, flags)
        let status = nft_run_cmd_from_buffer(context, script)
        let output = nft_ctx_get_output_buffer(context).map { String(cString: $0) } ?? ""
        let errors = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
        guard status == 0 else {
            let line = errors.split(separator: "\n").first.map(String.init) ?? "no reason given"
            throw NftablesError(description: "the packet filter refused a change: \(line)")
        }
        return output
    }
}
