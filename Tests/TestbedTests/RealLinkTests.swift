import Foundation
import TestbedKit
import Testing

extension OnThisMachine {
    @Suite struct RealLinkTests {
        /// Takes one connection, and prints the median of the rates in bytes/s of the first five tenths of a second,
        /// and of all: where the machine stands still for a moment, a link loses what it could have carried meanwhile.
        private static let receiver = """
            import socket, sys, time
            server = socket.create_server(("0.0.0.0", 9000))
            print("ready", flush=True)
            connection, _ = server.accept()
            connection.recv(65536)
            start, count, rates = time.monotonic(), 0, []
            while part := connection.recv(65536):
                count += len(part)
                passed = time.monotonic() - start
                if passed >= 0.1:
                    rates.append(count / passed)
                    start, count = start + passed, 0
            for part in rates[:5], rates:
                print(sorted(part)[len(part) // 2], flush=True)
            """

        private static let sender = """
            import socket, sys
            connection = socket.create_connection((sys.argv[1], 9000))
            connection.sendall(bytes(int(sys.argv[2])))
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
            """

        /// Sends so many bytes and returns the rates at which they arrive: at the beginning, and in all.
        private static func rate(from sender: TestbedBoard, to receiver: TestbedBoard, bytes: Int) async throws
            -> [Double]
        {
            let server = try await receiver.start("/usr/bin/python3", ["-c", Self.receiver])
            var rates: [Double] = []
            for await event in server.events {
                guard case .line(let bytes_) = event else { continue }
                let line = String(decoding: bytes_, as: UTF8.self)
                if line == "ready" {
                    let result = try await Beds.run(
                        sender, ["/usr/bin/python3", "-c", Self.sender, receiver.address, "\(bytes)"])
                    #expect(result.exit == .code(0), "\(result.errors)")
                } else {
                    rates.append(try #require(Double(line)))
                }
            }
            #expect(rates.count == 2)
            return rates
        }

        private static func areAsAsked(_ shares: [Double]) -> Bool { shares.allSatisfy { abs($0 - 1) < 0.05 } }

        @Test func `each link has its own rate, both at once, and a change holds at once`() async throws {
            try await Beds.with(
                3,
                adjust: { scenario in
                    for index in scenario.boards.indices {
                        scenario.boards[index].governor = "performance"
                        scenario.boards[index].cores = 0.4
                    }
                    scenario.cluster.links = scenario.cluster.links.map { link in
                        var link = link
                        link.bandwidthBytesPerS = link.between.contains("potato") ? 1e6 : 4e6
                        return link
                    }
                }
            ) { bed in
                let (pi, potato, nano) = (try bed.board("pi"), try bed.board("potato"), try bed.board("nano"))
                let together = try await whenTheMachineIsCalm(Self.areAsAsked) {
                    async let slow = Self.rate(from: pi, to: potato, bytes: 2_000_000)
                    async let fast = Self.rate(from: pi, to: nano, bytes: 8_000_000)
                    return try await slow.map { $0 / 1e6 } + fast.map { $0 / 4e6 }
                }
                print("measured / asked, twice at 1e6, twice at 4e6, at the same time: \(together)")
                #expect(Self.areAsAsked(together))
                for bytesPerS in [250e3, 10e6] {
                    let thereAndBack = try await whenTheMachineIsCalm(Self.areAsAsked) {
                        // Each time from another rate: what is measured next shows whether the change holds at once.
                        try await bed.setLink("pi", "potato", bytesPerS: 1e6)
                        try await bed.setLink("pi", "potato", bytesPerS: bytesPerS)
                        let there = try await Self.rate(from: pi, to: potato, bytes: Int(2 * bytesPerS))
                        let back = try await Self.rate(from: potato, to: pi, bytes: Int(2 * bytesPerS))
                        return (there + back).map { $0 / bytesPerS }
                    }
                    print("measured / asked at \(bytesPerS), twice there and twice back: \(thereAndBack)")
                    #expect(Self.areAsAsked(thereAndBack))
                }
                await #expect(throws: TestbedError.self) { try await bed.setLink("pi", "mars", bytesPerS: 1e6) }
            }
        }
    }
}
