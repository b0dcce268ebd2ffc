using Ueq.Samples;

TorchModels.Run(args.Length > 0 ? args[0] : "data/reg-diabetes/data.csv.gz", Console.Out);
