Console.WriteLine("divco");
