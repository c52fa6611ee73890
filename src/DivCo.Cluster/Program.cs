Console.WriteLine("divco-server");
