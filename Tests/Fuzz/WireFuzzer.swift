// Random bytes for whatever reads bytes of strangers: the framer, the scanner, the envelope and the writer.
// Built by Tests/fuzz together with WireCheck and the sources of the module JSONRPC; libFuzzer calls the function below.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWire(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 0 else { return 0 }
    if let fault = WireCheck.fault(in: Array(UnsafeBufferPointer(start: data, count: size))) { fatalError(fault) }
    return 0
}
