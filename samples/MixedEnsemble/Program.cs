using Ueq.Samples;

MixedEnsemble.Run(
    args.Length > 0 ? args[0] : "data/reg-diabetes/data.csv.gz", args.Length > 1 ? args[1] : "fixtures/onnx/external.onnx", Console.Out);
