import "./styles/index.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { takeLink } from "./link";

const link = takeLink();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App link={link} />
    </StrictMode>,
  );
