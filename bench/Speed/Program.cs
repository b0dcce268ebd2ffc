using Ueq.Bench.Batch;
using Ueq.Bench.MLNet;
using Ueq.Bench.Monitoring;
using Ueq.Bench.Onnx;
using Ueq.Bench.Serving;
using Ueq.Bench.Torch;

// One program, many benchmarks: dotnet run -c Release --project bench/Speed -- <name>
Dictionary<string, Func<string[], Task<int>>> benchmarks = new()
{
    ["http"] = HttpBenchmark.Run,
    ["stream"] = StreamedBenchmark.Run,
    ["gates"] = GatesBenchmark.Run,
    ["cache"] = CacheBenchmark.Run,
    ["batch"] = BatchBenchmark.Run,
    ["mlnet-stream"] = StreamBenchmark.Run,
    ["onnx"] = OnnxBenchmark.Run,
    ["torch"] = TorchBenchmark.Run,
    ["monitoring-watch"] = WatchBenchmark.Run,
    ["monitoring-detectors"] = DetectorBenchmark.Run,
    ["label-flood"] = LabelFloodBenchmark.Run,
    ["flood-labels"] = LabelFlood.Run,
    ["serve-ueq"] = BenchServer.ServeUeq,
    ["serve-slow"] = BenchServer.ServeSlow,
    ["serve-echo"] = BenchServer.ServeEcho,
};

foreach ((string name, Func<string[], Task<int>> serve) in CacheBenchmark.Servers) benchmarks[name] = serve;
if (args.Length > 0 && benchmarks.TryGetValue(args[0], out Func<string[], Task<int>>? run)) return await run(args[1..]);
Console.Error.WriteLine($"expected one of {string.Join(", ", benchmarks.Keys)}");
return 2;
