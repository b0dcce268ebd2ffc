using Ueq.Samples;

ScikitLearnOnnx.Run(
    args.Length > 0 ? args[0] : "data/reg-diabetes/data.csv.gz", args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "model.onnx"), Console.Out);
