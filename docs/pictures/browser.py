"""A headless Chromium that waits for what a page shows before it takes a picture."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

SIZE = (1440, 900)
SECONDS = 60
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    f"--window-size={SIZE[0]},{SIZE[1]}",
)


class Browser:
    """One page at a time; every step waits for what it needs, 60 s at most."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(self, url: str) -> None:
        """Goes to a page."""
        self._driver.get(url)

    def see(self, text: str) -> WebElement:
        """Waits until a visible element shows this text."""
        path = f"//*[not(self::script) and contains(normalize-space(text()), {text!r})]"
        return WebDriverWait(self._driver, SECONDS).until(
            lambda driver: next(
                (found for found in driver.find_elements(By.XPATH, path) if found.is_displayed()), None
            ),
            message=f"the page {self._driver.current_url} does not show {text!r}",
        )

    def fill(self, selector: str, text: str) -> None:
        """Types into the first field that a CSS selector names."""
        WebDriverWait(self._driver, SECONDS).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, selector))[
            0
        ].send_keys(text)

    def press(self, selector: str) -> None:
        """Clicks the first element that a CSS selector names."""
        WebDriverWait(self._driver, SECONDS).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, selector))[
            0
        ].click()

    def picture(self, path: Path, settle: float = 2.0) -> None:
        """Takes a picture once drawing has settled (charts are animated)."""
        time.sleep(settle)
        self._driver.save_screenshot(str(path))
        print(f"{path.name}: {path.stat().st_size // 1024} KiB")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not chromium or not driver:
        sys.exit("Chromium and its driver are needed (Debian and Ubuntu: apt-get install chromium chromium-driver).")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in QUIET:
        options.add_argument(argument)
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(chrome)
    finally:
        chrome.quit()
