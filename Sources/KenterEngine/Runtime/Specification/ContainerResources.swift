import CLinux
import Glibc
import JSONRPC

/// How much of the host a container may use; `nil` is without limit.
package struct ContainerResources: Sendable, Equatable {
    /// At least 6 MiB.
    package var memoryBytes: Int64?
    /// Memory and swap together; -1 is as much swap as the host has, `nil` twice the memory, as Docker has it.
    package var memoryAndSwapBytes: Int64?
    package var memoryReservationBytes: Int64?
    /// Processors' worth of time, in billionths: 1_500_000_000 is one and a half.
    package var nanoProcessors: Int64?
    /// Relative weight, 2 … 262144.
    package var processorShares: Int64?
    /// Processors it may run on, such as `0-2,4`.
    package var processorSet: String?
    /// Processes and threads; 0 and less mean no limit.
    package var processes: Int64?

    package init() {}

    /// Refuses what this host cannot do, in Docker's words, before anything is changed.
    func check(on layout: CgroupLayout, processorCount: Int) throws(RuntimeError) {
        if let memoryBytes {
            guard layout.has("memory") else { throw Self.unsupported("memory limits", controller: "memory") }
            guard memoryBytes >= 6 << 20 else {
                throw RuntimeError(.refused, "Minimum memory limit allowed is 6MB")
            }
            if let reservation = memoryReservationBytes, reservation > memoryBytes {
                throw RuntimeError(
                    .refused, "Minimum memory limit can not be less than memory reservation limit, see usage")
            }
        }
        if let memoryAndSwapBytes {
            guard layout.limitsSwap else { throw Self.unsupported("swap limits", controller: "swap accounting") }
            guard let memoryBytes else {
                throw RuntimeError(
                    .refused, "You should always set the Memory limit when using Memoryswap limit, see usage")
            }
            guard memoryAndSwapBytes == -1 || memoryAndSwapBytes >= memoryBytes else {
                throw RuntimeError(.refused, "Minimum memoryswap limit should be larger than memory limit, see usage")
            }
        }
        if let nanoProcessors {
            guard layout.has("cpu") else { throw Self.unsupported("processor limits", controller: "cpu") }
            guard nanoProcessors >= 10_000_000, nanoProcessors <= Int64(processorCount) * 1_000_000_000 else {
                throw RuntimeError(
                    .refused,
                    "range of CPUs is from 0.01 to \(processorCount).00, as there are only \(processorCount) CPUs available"
                )
            }
        }
        if let processes, processes > 0, !layout.has("pids") {
            throw Self.unsupported("limits on processes", controller: "pids")
        }
        if processorSet != nil, !layout.has("cpuset") { throw Self.unsupported("processor sets", controller: "cpuset") }
    }

    private static func unsupported(_ what: String, controller: String) -> RuntimeError {
        RuntimeError(.refused, "this host does not support \(what): its kernel or its cgroup tree lacks \(controller)")
    }

    /// The members of OCI's `linux.resources` that say this.
    func document(on layout: CgroupLayout) -> JSONObject {
        var resources = JSONObject()
        var memory = JSONObject()
        if let memoryBytes {
            memory["limit"] = .integer(memoryBytes)
            if layout.limitsSwap { memory["swap"] = .integer(memoryAndSwapLimit(memoryBytes)) }
        }
        if let memoryReservationBytes { memory["reservation"] = .integer(memoryReservationBytes) }
        if !memory.isEmpty { resources["memory"] = .object(memory) }
        var processor = JSONObject()
        if let nanoProcessors {
            processor["period"] = .integer(Self.periodMicroseconds)
            processor["quota"] = .integer(Self.quota(nanoProcessors))
        }
        if let processorShares { processor["shares"] = .integer(processorShares) }
        if let processorSet { processor["cpus"] = .string(processorSet) }
        if !processor.isEmpty { resources["cpu"] = .object(processor) }
        if let processes, processes > 0 { resources["pids"] = ["limit": .integer(processes)] }
        return resources
    }

    /// Of memory and swap together, for that much memory; -1 is as much swap as the host has.
    func memoryAndSwapLimit(_ memoryBytes: Int64) -> Int64 {
        if let memoryAndSwapBytes { return memoryAndSwapBytes }
        let (product, overflows) = memoryBytes.multipliedReportingOverflow(by: 2)
        return overflows ? -1 : product
    }

    static let periodMicroseconds: Int64 = 100_000

    /// Microseconds of processor time in each period.
    static func quota(_ nanoProcessors: Int64) -> Int64 { max(1000, nanoProcessors / 10_000) }
}
